import type { Logger } from './logger.ts';

export interface TelemetryOptions {
  /** Becomes `service.name`. */
  readonly service: string;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Telemetry {
  /** Flushes what is not exported yet; called last of all when a service stops. */
  stop(): Promise<void>;
}

/**
 * Starts tracing and metrics export for this process, before anything else of it starts.
 *
 * This is the one place where an OpenTelemetry SDK is registered. Everything else speaks to
 * `@opentelemetry/api` alone, whose calls do nothing while no SDK is registered, as now: logs carry
 * trace ids and `traceparent` travels without one.
 */
export async function startTelemetry(_options: TelemetryOptions): Promise<Telemetry> {
  return { stop: async () => {} };
}
