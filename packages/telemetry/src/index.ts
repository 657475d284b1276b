export { activeTrace, runInTrace } from './active-trace.ts';
export { continueTrace, type OwnSpan } from './continue-trace.ts';
export { type EventTrace, eventSpanIds, eventTrace, replayTrace } from './delivery-spans.ts';
export { derivedSpanId, derivedTraceId } from './derived-ids.ts';
export {
  createLogger,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  logLevels,
} from './logger.ts';
export type {
  HistogramSeries,
  MetricFamily,
  NumberSeries,
  ReadMetrics,
} from './metric-family.ts';
export { redactedKeys, redactedText, redactText, redactValue } from './redact.ts';
export {
  noTelemetry,
  startTelemetry,
  type Telemetry,
  type TelemetryOptions,
} from './telemetry.ts';
export {
  childTraceparent,
  newTraceparent,
  parseTraceparent,
  type TraceContext,
  toTraceContext,
} from './trace-context.ts';
export {
  type FinishedSpan,
  noTracing,
  type SpanAttributes,
  type SpanKind,
  type Tracing,
} from './tracing.ts';
