import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { DomainError, readErrorReason } from '@hookline/contracts';
import { FORWARDED_FOR, fromGrpcError } from '@hookline/service-runtime';
import { noTracing, type Tracing } from '@hookline/telemetry';
import type { FastifyRequest } from 'fastify';
import { beginClientSpan } from './client-spans.ts';
import { rememberRateLimit } from './rate-limit/rate-limit-headers.ts';
import { restFieldOf } from './rest/field-names.ts';

/** One method as ts-proto describes it. */
interface UnaryMethod<Q, S> {
  readonly path: string;
  readonly requestSerialize: (message: Q) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => S;
}

export interface GrpcClient {
  /**
   * Makes one call on behalf of a REST request: its key and its trace go along, and it is cancelled
   * when nobody waits for the answer any more.
   *
   * @throws DomainError with the fields named as REST names them; a fault of the service passes
   * through and is a fault of ours.
   */
  call<Q, S>(request: FastifyRequest, method: UnaryMethod<Q, S>, message: Q): Promise<S>;
  /** Begins a stream on behalf of a request; it ends when `signal` aborts. @throws DomainError likewise */
  stream<Q, S>(
    request: FastifyRequest,
    method: UnaryMethod<Q, S>,
    stream: { readonly message: Q; readonly signal: AbortSignal },
  ): AsyncIterable<S>;
}

/** Where the services are, host:port. AdminService is the subscription service's. */
export interface GrpcAddresses {
  readonly subscriptions: string;
  readonly deliveries: string;
  readonly deadLetters: string;
}

export type GrpcClients = { readonly [K in keyof GrpcAddresses]: GrpcClient } & { close(): void };

const CALL_TIMEOUT_MS = 10_000;

/** A ping waits for the endpoint, which has up to 30 s. */
const TIMEOUTS_MS: Readonly<Record<string, number>> = {
  '/hookline.v1.SubscriptionService/PingSubscription': 40_000,
};

const CHANNEL_OPTIONS = {
  // A service that comes back is found within two seconds, not within the default's two minutes.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.max_receive_message_length': 8 * 1024 * 1024,
};

/** Clients of the services. Connections are made with the first call. */
export function createGrpcClients(
  addresses: GrpcAddresses,
  // Plain text, for the loopback and for a mesh that encrypts.
  channel: ChannelCredentials = credentials.createInsecure(),
  tracing: Tracing = noTracing,
): GrpcClients {
  const open = (address: string) => new Client(address, channel, CHANNEL_OPTIONS);
  const subscriptions = open(addresses.subscriptions);
  const deliveries = open(addresses.deliveries);
  const deadLetters = open(addresses.deadLetters);
  return {
    subscriptions: callerOf(subscriptions, tracing),
    deliveries: callerOf(deliveries, tracing),
    deadLetters: callerOf(deadLetters, tracing),
    close() {
      for (const client of [subscriptions, deliveries, deadLetters]) client.close();
    },
  };
}

function callerOf(client: Client, tracing: Tracing): GrpcClient {
  return {
    call: <Q, S>(request: FastifyRequest, method: UnaryMethod<Q, S>, message: Q) =>
      new Promise<S>((resolve, reject) => {
        const metadata = metadataOf(request);
        const span = beginClientSpan(request, method.path, tracing);
        metadata.set('traceparent', span.traceparent);
        const { path, requestSerialize, responseDeserialize } = method;
        const options = { deadline: Date.now() + (TIMEOUTS_MS[path] ?? CALL_TIMEOUT_MS) };
        const { socket } = request.raw;
        const done = (error: ServiceError | null, response?: S): void => {
          socket.off('close', cancel);
          span.end(error ?? undefined);
          if (error === null) resolve(response as S);
          else reject(translate(error));
        };
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          message,
          metadata,
          options,
          done,
        );
        const cancel = (): void => call.cancel();
        socket.once('close', cancel);
        call.once('status', ({ metadata: trailers }) => rememberRateLimit(request, trailers));
      }),
    stream: (request, method, { message, signal }) =>
      readStream(
        client.makeServerStreamRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          message,
          metadataOf(request),
        ),
        signal,
      ),
  };
}

async function* readStream<S>(
  call: ClientReadableStream<S>,
  signal: AbortSignal,
): AsyncGenerator<S> {
  const cancel = (): void => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  // What fails before anybody reads must not end the process; reading meets it again.
  call.on('error', () => {});
  try {
    yield* call;
  } catch (error) {
    if (!signal.aborted) throw translate(error as ServiceError);
  } finally {
    signal.removeEventListener('abort', cancel);
    call.cancel();
  }
}

function metadataOf({ headers, ip }: FastifyRequest): Metadata {
  const { authorization } = headers;
  if (authorization === undefined || !/^Bearer +[\x21-\x7e]{1,512} *$/i.test(authorization)) {
    throw new DomainError(
      'unauthenticated',
      'an API key is needed: send the header `Authorization: Bearer hk_…`',
    );
  }
  const metadata = new Metadata();
  metadata.set('authorization', authorization);
  // For the audit log; the services believe it of a console on the same machine.
  metadata.set(FORWARDED_FOR, ip.replace(/^::ffff:/i, ''));
  return metadata;
}

function translate(error: ServiceError): unknown {
  const refusal = fromGrpcError(error);
  if (refusal === undefined) return error;
  // Without a reason it is not the service that speaks but the connection to it.
  if (refusal.code === 'unavailable' && readErrorReason(error) === undefined) {
    return new DomainError(
      'unavailable',
      'the service behind this cannot be reached at the moment; try again in a few seconds',
      { retryAfterMs: 2_000, cause: error },
    );
  }
  const { code, message, retryAfterMs } = refusal;
  const fields = refusal.fields.map(({ field, detail }) => ({ field: restFieldOf(field), detail }));
  const summary = fields.map(({ field, detail }) =>
    field === '' ? detail : `${field}: ${detail}`,
  );
  return new DomainError(code, summary.length === 0 ? message : summary.join('; '), {
    fields,
    cause: error,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
