import { status } from '@grpc/grpc-js';
import type { Tracing } from '@hookline/telemetry';
import type { GrpcCall } from './grpc-call.ts';

/** Codes that are faults of the server, as the conventions for gRPC have it; the others are answers. */
const faults: ReadonlySet<number> = new Set([
  ...[status.UNKNOWN, status.DEADLINE_EXCEEDED, status.UNIMPLEMENTED],
  ...[status.INTERNAL, status.UNAVAILABLE, status.DATA_LOSS],
]);

/**
 * Begins the SERVER span of a call; what it gives back ends it, with the status and its details. A
 * call that is a fault of ours is recorded also when its trace is not sampled.
 */
export function beginCallSpan(
  call: Pick<GrpcCall, 'method' | 'span'>,
  tracing: Tracing,
): (code?: number, details?: string) => void {
  if (!tracing.enabled) return () => {};
  const startedMs = performance.timeOrigin + performance.now();
  const { context, parentSpanId } = call.span;
  const method = call.method.slice(1);
  return (code = status.OK, details = '') => {
    const isFault = faults.has(code);
    if (!context.sampled && !isFault) return;
    const name = status[code] ?? String(code);
    tracing.record({
      name: method,
      kind: 'server',
      context,
      parentSpanId,
      startedMs,
      endedMs: performance.timeOrigin + performance.now(),
      attributes: {
        'rpc.system.name': 'grpc',
        'rpc.method': method,
        'rpc.status_code': name,
        'error.type': isFault ? name : undefined,
      },
      error: isFault ? details : undefined,
    });
  };
}
