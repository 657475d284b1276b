import { randomFillSync } from 'node:crypto';
import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** The trace context of one request, as W3C Trace Context level 1 writes it. */
export interface TraceContext {
  /** `00-<trace id>-<span id>-<flags>`, lower-case hex. */
  readonly traceparent: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

// One call of the kernel's generator serves 170 requests: 24 bytes at a time cost a system call each.
const pool = Buffer.alloc(4096);
let poolOffset = pool.length;

function randomHex(bytes: number): string {
  for (;;) {
    if (poolOffset + bytes > pool.length) {
      randomFillSync(pool);
      poolOffset = 0;
    }
    const start = poolOffset;
    poolOffset += bytes;
    const text = pool.toString('hex', start, poolOffset);
    // All zeros are no id (section 3.2.2.3 and 3.2.2.4 of the specification).
    if (/[^0]/.test(text)) return text;
  }
}

/** The context of these ids, 32 and 16 hex digits. */
export function toTraceContext(traceId: string, spanId: string, sampled: boolean): TraceContext {
  const traceparent = `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
  return { traceparent, traceId, spanId, sampled };
}

/** Reads a `traceparent`; undefined when it is absent or not valid, as the specification asks. */
export function parseTraceparent(text: string | undefined | null): TraceContext | undefined {
  if (typeof text !== 'string') return undefined;
  const parsed: SpanContext | null = parseTraceParent(text);
  if (parsed === null) return undefined;
  const sampled = (parsed.traceFlags & TraceFlags.SAMPLED) !== 0;
  return toTraceContext(parsed.traceId, parsed.spanId, sampled);
}

/** A trace of its own, not sampled unless the caller says that it records the spans. */
export function newTraceparent({ sampled = false } = {}): TraceContext {
  return toTraceContext(randomHex(16), randomHex(8), sampled);
}

/**
 * The context to send on: the parent's trace id and sampling with a new span id; a new trace without
 * a valid parent. No span object is made, so it is fit for every attempt of the hot path.
 * `baggage` and `tracestate` are not carried: a publisher's baggage is none of a receiver's business.
 */
export function childTraceparent(parent?: string | TraceContext | null): TraceContext {
  const known = typeof parent === 'string' ? parseTraceparent(parent) : (parent ?? undefined);
  if (known === undefined) return newTraceparent();
  return toTraceContext(known.traceId, randomHex(8), known.sampled);
}
