import type { Metadata } from '@grpc/grpc-js';
import type { Caller } from '@hookline/credentials';
import type { OwnSpan } from '@hookline/telemetry';

/** One method of a service as ts-proto describes it (`outputServices=grpc-js`). */
export interface GrpcMethodDefinition {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (value: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

export type GrpcServiceDefinition = Readonly<Record<string, GrpcMethodDefinition>>;

export type RequestOf<M extends GrpcMethodDefinition> = ReturnType<M['requestDeserialize']>;
export type ResponseOf<M extends GrpcMethodDefinition> = ReturnType<M['responseDeserialize']>;

/** What a handler knows of a call besides its request. */
export interface GrpcCall {
  readonly caller: Caller;
  /** Aborted when the client went away, the deadline passed, or (streams) the server stops. */
  readonly signal: AbortSignal;
  /** When the client, or the server's default, gives up; undefined for a stream without one. */
  readonly deadline: Date | undefined;
  readonly metadata: Metadata;
  /** `/hookline.v1.SubscriptionService/CreateSubscription` */
  readonly method: string;
  /** Whether the answer is a stream. */
  readonly isStream: boolean;
  /** The trace context that came with the call. */
  readonly traceparent: string | undefined;
  /** The span of this call, within the trace that came with it or one of its own. */
  readonly span: OwnSpan;
  /** Sent when the call ends, with its answer or its refusal; layers add to it. */
  readonly trailers: Metadata;
  /** Where the call came from: the peer, or the client that a peer on the loopback names. */
  readonly remoteAddress: string;
}

/** A handler: a promise for a unary method, an async iterable for a server stream. */
export type GrpcHandler<M extends GrpcMethodDefinition> = M['requestStream'] extends true
  ? never
  : (
      request: RequestOf<M>,
      call: GrpcCall,
    ) => M['responseStream'] extends true ? AsyncIterable<ResponseOf<M>> : Promise<ResponseOf<M>>;

export type GrpcImplementation<S extends GrpcServiceDefinition> = {
  readonly [K in keyof S]?: GrpcHandler<S[K]>;
};

/** Carries a call inwards. A unary method resolves to its response, a stream to an async iterable. */
export type GrpcInvoke = (request: unknown, call: GrpcCall) => Promise<unknown>;

/** One layer of the onion around every handler; the first of a list is the outermost. */
export type GrpcInterceptor = (next: GrpcInvoke) => GrpcInvoke;
