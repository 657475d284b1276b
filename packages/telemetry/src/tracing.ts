import type { TraceContext } from './trace-context.ts';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Values of attributes, as OpenTelemetry's semantic conventions name them; undefined is left out. */
export type SpanAttributes = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** A span that has ended. It is told whole, so that nothing is made for one that is not exported. */
export interface FinishedSpan {
  /** A template and never an id: `POST`, `process hv.{tenant}.{host}.{type}`. */
  readonly name: string;
  readonly kind: SpanKind;
  /** Its own ids; whether it is exported is not asked of the flag in it. */
  readonly context: TraceContext;
  /** Of the same trace; absent for a root. */
  readonly parentSpanId?: string | undefined;
  /** What it follows from without being inside of it, in any trace; the first 128 are kept. */
  readonly links?: readonly Pick<TraceContext, 'traceId' | 'spanId'>[];
  readonly attributes: SpanAttributes;
  /** Unix time in milliseconds, with fractions. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** What went wrong, for a span whose status is ERROR. */
  readonly error?: string | undefined;
  /** Points in time within it. */
  readonly events?: readonly { readonly name: string; readonly atMs: number }[];
}

/** What instrumented code sees of tracing. */
export interface Tracing {
  /** False when nothing is exported: then nobody has to ask further. */
  readonly enabled: boolean;
  /**
   * Whether spans of a trace are exported, by the configured sampler. It is asked before a span is
   * made. Errors and dead letters are recorded whatever it answers.
   *
   * `parentSampled` is the flag that came with the trace; undefined for a trace that begins here.
   */
  isSampled(traceId: string, parentSampled: boolean | undefined): boolean;
  /** Hands a span over to be exported in a batch. Never throws; drops it when too many wait. */
  record(span: FinishedSpan): void;
}

/** Tracing that is off: what it costs is one property. */
export const noTracing: Tracing = {
  enabled: false,
  isSampled: (_traceId, parentSampled) => parentSampled ?? false,
  record() {},
};
