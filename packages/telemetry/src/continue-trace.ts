import {
  childTraceparent,
  newTraceparent,
  parseTraceparent,
  type TraceContext,
  toTraceContext,
} from './trace-context.ts';
import type { Tracing } from './tracing.ts';

/** The ids of a span that is about to begin here. */
export interface OwnSpan {
  readonly context: TraceContext;
  /** Absent when the trace begins here. */
  readonly parentSpanId?: string;
}

/**
 * Goes on with a trace that came with a request, or begins one. The context is fit to be sent on,
 * sampled as the sampler decides, and costs the same when nothing is exported.
 */
export function continueTrace(
  tracing: Tracing,
  parent: string | TraceContext | undefined | null,
): OwnSpan {
  const known = typeof parent === 'string' ? parseTraceparent(parent) : (parent ?? undefined);
  const { traceId, spanId } = known === undefined ? newTraceparent() : childTraceparent(known);
  const sampled = tracing.isSampled(traceId, known?.sampled);
  const context = toTraceContext(traceId, spanId, sampled);
  return known === undefined ? { context } : { context, parentSpanId: known.spanId };
}
