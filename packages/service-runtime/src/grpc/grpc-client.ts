import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
} from '@grpc/grpc-js';
import type {
  GrpcMethodDefinition,
  GrpcServiceDefinition,
  RequestOf,
  ResponseOf,
} from './grpc-call.ts';
import { FORWARDED_FOR } from './grpc-peer.ts';

export interface GrpcCallOptions {
  /** Sent as `authorization: Bearer <key>`. */
  readonly apiKey?: string;
  readonly traceparent?: string | undefined;
  /** The address of the client on whose behalf it is; believed of a client on the loopback. */
  readonly forwardedFor?: string | undefined;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** Default the client's for unary calls, none for streams; Infinity for none. */
  readonly deadlineMs?: number;
}

/** A method as a caller sees it: a promise, or an async iterable for a server stream. */
export type GrpcClientMethod<M extends GrpcMethodDefinition> = (
  request: RequestOf<M>,
  options?: GrpcCallOptions,
) => M['responseStream'] extends true ? AsyncIterable<ResponseOf<M>> : Promise<ResponseOf<M>>;

export type GrpcClient<S extends GrpcServiceDefinition> = {
  readonly [K in keyof S]: GrpcClientMethod<S[K]>;
} & {
  /** Closes the connection; calls under way fail. */
  close(): void;
};

export interface GrpcClientOptions {
  /** host:port */
  readonly address: string;
  /** For unary calls. Default 10,000 ms. */
  readonly deadlineMs?: number;
  readonly messageBytesMax?: number;
  /** Plain text by default; see `grpcClientCredentials`. */
  readonly credentials?: ChannelCredentials;
}

function toMetadata({ apiKey, traceparent, forwardedFor }: GrpcCallOptions): Metadata {
  const metadata = new Metadata();
  if (apiKey !== undefined) metadata.set('authorization', `Bearer ${apiKey}`);
  if (traceparent !== undefined) metadata.set('traceparent', traceparent);
  if (forwardedFor !== undefined) metadata.set(FORWARDED_FOR, forwardedFor);
  return metadata;
}

function codec(method: GrpcMethodDefinition) {
  return {
    serialize: method.requestSerialize as (value: unknown) => Buffer,
    deserialize: method.responseDeserialize,
  };
}

function unary(client: Client, method: GrpcMethodDefinition, defaultDeadlineMs: number) {
  const { serialize, deserialize } = codec(method);
  return (request: unknown, options: GrpcCallOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      options.signal?.throwIfAborted();
      const deadline = Date.now() + (options.deadlineMs ?? defaultDeadlineMs);
      const cancel = (): void => call.cancel();
      const call = client.makeUnaryRequest(
        method.path,
        serialize,
        deserialize,
        request,
        toMetadata(options),
        { deadline },
        (error, response) => {
          options.signal?.removeEventListener('abort', cancel);
          if (error === null) resolve(response);
          else reject(error);
        },
      );
      options.signal?.addEventListener('abort', cancel, { once: true });
    });
}

async function* readAll(stream: ClientReadableStream<unknown>, signal: AbortSignal | undefined) {
  const cancel = (): void => stream.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    yield* stream;
  } finally {
    signal?.removeEventListener('abort', cancel);
    stream.cancel();
  }
}

function serverStream(client: Client, method: GrpcMethodDefinition) {
  const { serialize, deserialize } = codec(method);
  return (request: unknown, options: GrpcCallOptions = {}): AsyncIterable<unknown> => {
    options.signal?.throwIfAborted();
    const limits =
      options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs };
    const metadata = toMetadata(options);
    const stream = client.makeServerStreamRequest(
      method.path,
      serialize,
      deserialize,
      request,
      metadata,
      limits,
    );
    // A failure before anybody iterates must not end the process; the iteration meets it again.
    stream.on('error', () => {});
    return readAll(stream, options.signal);
  };
}

/**
 * A client of a ts-proto service with promises and async iterables. It connects at the first call and
 * reconnects by itself. Calls reject with grpc-js's ServiceError; `fromGrpcError` reads it.
 */
export function createGrpcClient<S extends GrpcServiceDefinition>(
  definition: S,
  options: GrpcClientOptions,
): GrpcClient<S> {
  const { address, deadlineMs = 10_000, messageBytesMax = 4 * 1024 * 1024 } = options;
  const client = new Client(address, options.credentials ?? credentials.createInsecure(), {
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
  });
  const methods = Object.entries(definition).map(([name, method]) => [
    name,
    method.responseStream ? serverStream(client, method) : unary(client, method, deadlineMs),
  ]);
  return { ...Object.fromEntries(methods), close: () => client.close() } as GrpcClient<S>;
}
