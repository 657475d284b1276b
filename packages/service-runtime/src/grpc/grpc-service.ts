import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { DomainError } from '@hookline/contracts';
import { continueTrace, type Logger, runInTrace, type Tracing } from '@hookline/telemetry';
import type {
  GrpcCall,
  GrpcImplementation,
  GrpcInterceptor,
  GrpcInvoke,
  GrpcMethodDefinition,
  GrpcServiceDefinition,
} from './grpc-call.ts';
import { toGrpcError } from './grpc-errors.ts';
import { remoteAddressOf } from './grpc-peer.ts';
import { beginCallSpan } from './server-spans.ts';

/** A service and its handlers, checked against each other by `grpcService`. */
export interface GrpcService {
  readonly definition: GrpcServiceDefinition;
  readonly handlers: Readonly<Record<string, unknown>>;
}

/**
 * Binds handlers to a service of ts-proto, with the types checked. A method without a handler
 * answers UNIMPLEMENTED.
 */
export function grpcService<S extends GrpcServiceDefinition>(
  definition: S,
  implementation: GrpcImplementation<S>,
): GrpcService {
  return { definition, handlers: implementation as Record<string, unknown> };
}

/** The full name of a service, `hookline.v1.SubscriptionService`. */
export function serviceNameOf(definition: GrpcServiceDefinition): string {
  const [method] = Object.values(definition);
  return method?.path.split('/')[1] ?? '';
}

export interface GrpcServiceSetting {
  readonly interceptors: readonly GrpcInterceptor[];
  readonly logger: Logger;
  readonly tracing: Tracing;
  /** For a unary call whose client sets none, in milliseconds. */
  readonly defaultDeadlineMs: number;
  /** Aborted when the server stops; ends the streams. */
  readonly stopping: AbortSignal;
}

type AnyCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

function deadlineOf(call: AnyCall): Date | undefined {
  const deadline = call.getDeadline();
  if (deadline instanceof Date) return deadline;
  return Number.isFinite(deadline) ? new Date(deadline) : undefined;
}

function describe(
  call: AnyCall,
  {
    method,
    tracing,
    ...bounds
  }: Pick<GrpcCall, 'signal' | 'deadline'> & {
    readonly method: GrpcMethodDefinition;
    readonly tracing: Tracing;
  },
): GrpcCall {
  const traceparent = call.metadata.get('traceparent')[0]?.toString();
  return {
    ...bounds,
    // Filled by the authenticating layer; a handler is never reached without it.
    caller: { tenant: '', keyId: '', role: 'viewer' },
    metadata: call.metadata,
    method: method.path,
    isStream: method.responseStream,
    traceparent,
    span: continueTrace(tracing, traceparent),
    trailers: new Metadata(),
    remoteAddress: remoteAddressOf(call.getPeer(), call.metadata),
  };
}

function unary(method: GrpcMethodDefinition, invoke: GrpcInvoke, setting: GrpcServiceSetting) {
  const handle: handleUnaryCall<unknown, unknown> = (call, callback) => {
    const abort = new AbortController();
    const { tracing } = setting;
    const deadline = deadlineOf(call) ?? new Date(Date.now() + setting.defaultDeadlineMs);
    const expire = (): void => {
      abort.abort(new Error('the deadline passed'));
      const details = `no answer before the deadline of ${deadline.toISOString()}`;
      answer({ code: status.DEADLINE_EXCEEDED, details, metadata: new Metadata() });
    };
    const timer = setTimeout(expire, Math.max(0, deadline.getTime() - Date.now()));
    let answered = false;
    const answer = (...result: Parameters<typeof callback>): void => {
      if (answered) return;
      answered = true;
      clearTimeout(timer);
      endSpan(result[0]?.code, result[0]?.details);
      callback(...result);
    };
    call.on('cancelled', () => {
      clearTimeout(timer);
      abort.abort(new Error('the client went away'));
    });
    const described = describe(call, { method, tracing, signal: abort.signal, deadline });
    const endSpan = beginCallSpan(described, tracing);
    const { trailers } = described;
    const run = (): Promise<void> =>
      invoke(call.request, described).then(
        (response) => answer(null, response, trailers),
        (error) => {
          if (!answered && !abort.signal.aborted) {
            const refusal = toGrpcError(error, method.path, setting.logger);
            refusal.metadata.merge(trailers);
            answer(refusal);
          } else answer({ code: status.CANCELLED, details: 'cancelled', metadata: new Metadata() });
        },
      );
    void runInTrace(described.span.context, run);
  };
  return handle;
}

async function writeAll(
  call: ServerWritableStream<unknown, unknown>,
  responses: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<void> {
  for await (const response of responses) {
    if (signal.aborted) return;
    if (call.write(response)) continue;
    // A slow client holds the handler back here; nothing is queued beyond the stream's own buffer.
    await new Promise<void>((resolve) => {
      call.once('drain', resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

function serverStream(
  method: GrpcMethodDefinition,
  invoke: GrpcInvoke,
  setting: GrpcServiceSetting,
) {
  const handle: handleServerStreamingCall<unknown, unknown> = (call) => {
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, setting.stopping]);
    call.on('cancelled', () => gone.abort(new Error('the client went away')));
    // An error of the stream is a client gone as well; without a listener it would end the process.
    call.on('error', (error) => gone.abort(error));
    const { tracing } = setting;
    const described = describe(call, { method, tracing, signal, deadline: deadlineOf(call) });
    const endSpan = beginCallSpan(described, tracing);
    const run = async (): Promise<void> => {
      const responses = await invoke(call.request, described);
      await writeAll(call, responses as AsyncIterable<unknown>, signal);
    };
    const stopped = new DomainError('unavailable', 'the server is stopping; connect again');
    const runToItsEnd = (): Promise<void> =>
      run()
        .then(() => {
          if (setting.stopping.aborted) throw stopped;
          endSpan(gone.signal.aborted ? status.CANCELLED : status.OK);
          call.end();
        })
        .catch((error) => {
          if (gone.signal.aborted) return endSpan(status.CANCELLED);
          const reason = setting.stopping.aborted ? stopped : error;
          const refusal = toGrpcError(reason, method.path, setting.logger);
          endSpan(refusal.code, refusal.details);
          call.emit('error', refusal);
        });
    void runInTrace(described.span.context, runToItsEnd);
  };
  return handle;
}

/** The handlers as grpc-js takes them, each inside the onion of interceptors. */
export function toGrpcHandlers(
  service: GrpcService,
  setting: GrpcServiceSetting,
): UntypedServiceImplementation {
  const handlers: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(service.definition)) {
    const handler = service.handlers[name] as
      | ((request: unknown, call: GrpcCall) => unknown)
      | undefined;
    const innermost: GrpcInvoke = async (request, call) => {
      if (handler !== undefined) return handler(request, call);
      throw new DomainError(
        'unimplemented',
        `${method.path.slice(1)} is not implemented in this version`,
      );
    };
    const invoke = setting.interceptors.reduceRight((next, wrap) => wrap(next), innermost);
    handlers[name] = method.responseStream
      ? serverStream(method, invoke, setting)
      : unary(method, invoke, setting);
  }
  return handlers;
}
