import { type ServiceError, status } from '@grpc/grpc-js';
import { requestSpan } from '@hookline/service-runtime';
import { continueTrace, type Tracing } from '@hookline/telemetry';
import type { FastifyRequest } from 'fastify';

/** A call of another service, within the trace of a REST request. */
export interface ClientSpan {
  /** To be sent with the call. */
  readonly traceparent: string;
  /** Ends it, with the error that the call ended with. */
  end(error: Pick<ServiceError, 'code' | 'details'> | undefined): void;
}

/** Begins the CLIENT span of a call. Every code but OK is an error to who calls. */
export function beginClientSpan(
  request: FastifyRequest,
  path: string,
  tracing: Tracing,
): ClientSpan {
  const { context, parentSpanId } = continueTrace(tracing, requestSpan(request).context);
  const { traceparent } = context;
  if (!tracing.enabled) return { traceparent, end() {} };
  const startedMs = performance.timeOrigin + performance.now();
  const method = path.slice(1);
  return {
    traceparent,
    end(error) {
      // A refusal is an answer: what is wrong with a request is no reason to record all of them.
      if (!context.sampled && !isFault(error?.code)) return;
      const name = status[error?.code ?? status.OK] ?? String(error?.code);
      tracing.record({
        ...{ name: method, kind: 'client', context, parentSpanId, startedMs },
        endedMs: performance.timeOrigin + performance.now(),
        attributes: {
          'rpc.system.name': 'grpc',
          'rpc.method': method,
          'rpc.status_code': name,
          'error.type': error === undefined ? undefined : name,
        },
        error: error?.details,
      });
    },
  };
}

function isFault(code: number | undefined): boolean {
  return (
    code === status.UNKNOWN ||
    code === status.DEADLINE_EXCEEDED ||
    code === status.INTERNAL ||
    code === status.UNAVAILABLE ||
    code === status.DATA_LOSS
  );
}
