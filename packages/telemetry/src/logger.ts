import pino from 'pino';
import { activeTrace } from './active-trace.ts';
import { redactText, redactValue } from './redact.ts';

export type Logger = pino.Logger;

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** The name of the service, on every line as `service`. */
  readonly service: string;
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Where the lines go, one JSON object each; default standard output, written synchronously. */
  readonly destination?: pino.DestinationStream;
}

function traceIds(): Record<string, string> {
  const active = activeTrace();
  return active === undefined ? {} : { trace_id: active.traceId, span_id: active.spanId };
}

function redactArguments(args: readonly unknown[]): unknown[] {
  const [first, ...rest] = args;
  if (first instanceof Error) {
    const message = rest[0] === undefined ? redactText(first.message) : undefined;
    return [
      { err: redactValue(first) },
      ...(message === undefined ? [] : [message]),
      ...rest.map((value) => redactValue(value)),
    ];
  }
  return args.map((value) => redactValue(value));
}

/** Bindings of children pass no hook of pino's; children inherit `child` from their parent. */
function redactChildren(logger: Logger): Logger {
  const { child } = logger;
  logger.child = function redactedChild(this: Logger, bindings: pino.Bindings, options?: object) {
    return child.call(this, redactValue(bindings) as pino.Bindings, options);
  } as Logger['child'];
  return logger;
}

/**
 * A logger that writes one JSON object a line: `level` (by name), `time` (RFC 3339), `service`,
 * `pid`, `trace_id` and `span_id` of the call it is written in (see runInTrace), `msg`.
 *
 * Everything logged passes the redaction of redact.ts, child bindings included. Lines below the
 * level cost nothing; what is written is written synchronously, so that the last line before a crash
 * is not lost, and therefore nothing on the hot path logs per event.
 */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: traceIds,
    formatters: {
      level: (label) => ({ level: label }),
    },
    hooks: {
      logMethod(args, method) {
        method.apply(this, redactArguments(args) as Parameters<typeof method>);
      },
    },
  };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  return redactChildren(logger);
}
