export {
  createLogger,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  logLevels,
} from './logger.ts';
export { redactedKeys, redactedText, redactText, redactValue } from './redact.ts';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts';
export {
  childTraceparent,
  newTraceparent,
  parseTraceparent,
  type TraceContext,
  withTraceContext,
} from './trace-context.ts';
