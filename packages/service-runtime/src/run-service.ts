import {
  createLogger,
  type Logger,
  type LogLevel,
  startTelemetry,
  type Telemetry,
} from '@hookline/telemetry';
import { type BuildInfo, buildInfo } from './build-info.ts';
import { ConfigurationError, type Environment } from './environment.ts';
import { reasonOf } from './retry-until.ts';
import { StartError } from './start-error.ts';

export interface RunningService {
  /** The soft stop: takes nothing new, finishes what is under way, closes everything. */
  stop(): Promise<void>;
}

export interface ServiceContext {
  readonly logger: Logger;
  /** Aborted when the service is to stop; a start that waits for something gives up then. */
  readonly signal: AbortSignal;
  /** Where traces and metrics go; without it nowhere. */
  readonly telemetry?: Telemetry;
  /** What runs, shown by `/healthz` and the metrics; without it the version alone. */
  readonly build?: BuildInfo;
}

export interface ServiceDefinition<C extends { readonly logLevel: LogLevel }> {
  /** `producer-gateway` and so on; the `service` of every log line. */
  readonly name: string;
  /** Pure: environment to configuration. @throws ConfigurationError with all faults. */
  readonly configure: (env: Environment) => C;
  /** Starts everything; on failure releases what it had made, then throws. */
  readonly start: (config: C, context: ServiceContext) => Promise<RunningService>;
}

/** The parts of `process` that are used, so that tests can stand in for them. */
export interface ProcessPort {
  readonly env: Environment;
  exitCode?: number | string | null | undefined;
  exit(code: number): void;
  on(event: string, listener: (...args: never[]) => void): unknown;
  readonly stderr: { write(text: string): unknown };
}

/** How long a soft stop may take before it becomes a hard one, in milliseconds. */
const softStopMs = 20_000;
/** The same after a start that failed: nothing is under way that had to be finished. */
const failedStartStopMs = 5_000;

/**
 * Runs one service as this process, from configuration to exit.
 *
 * Configuration faults are printed one a line, and the process ends with status 1. SIGINT and SIGTERM
 * stop softly; a second signal, or 20 s, end the process at once. An uncaught error is logged and
 * stops softly with status 1. Nothing calls `process.exit` but the hard stop: when all is closed the
 * event loop runs empty and the process ends, which shows that nothing was left open. A collector that
 * does not take the last spans within 3 s is the exception: its exporter would hold the process for
 * 10 s more.
 *
 * SIGUSR2 turns the log level to `debug`, and the next one back to the configured one.
 */
export async function runService<C extends { readonly logLevel: LogLevel }>(
  definition: ServiceDefinition<C>,
  host: ProcessPort = process as ProcessPort,
): Promise<void> {
  const config = configureOrExplain(definition, host);
  if (config === undefined) return;
  const { name } = definition;
  const logger = createLogger({ service: name, level: config.logLevel });
  const build = buildInfo(host.env);
  const telemetry = await startTelemetry({ service: name, ...build, logger, env: host.env });
  const abort = new AbortController();
  let running: Promise<RunningService> | undefined;
  let stopping = false;

  const hardStop = (reason: string): void => {
    logger.error(`${name} ends at once: ${reason}`);
    host.exit(1);
  };

  const softStop = async (reason: string, withinMs = softStopMs): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info(`${name} is stopping: ${reason}`);
    // Does not keep the process alive: it fires only if something else still does.
    setTimeout(() => hardStop(`still not stopped after ${withinMs / 1000} s`), withinMs).unref();
    abort.abort(new Error(`${name} is stopping`));
    try {
      const service = await running?.catch(() => undefined);
      await service?.stop();
      logger.info(`${name} stopped`);
    } catch (error) {
      host.exitCode = 1;
      logger.error({ err: error }, `${name} did not stop cleanly: ${reasonOf(error)}`);
    }
    const flushed = await telemetry.stop().catch(() => true);
    if (!flushed) host.exit(Number(host.exitCode ?? 0));
  };

  const onSignal = (signal: string): void => {
    if (stopping) hardStop(`second ${signal}`);
    else void softStop(signal);
  };
  const onUncaught = (error: unknown): void => {
    host.exitCode = 1;
    logger.fatal({ err: error }, `${name} failed: ${reasonOf(error)}`);
    void softStop('an uncaught error');
  };
  host.on('SIGINT', () => onSignal('SIGINT'));
  host.on('SIGTERM', () => onSignal('SIGTERM'));
  host.on('SIGUSR2', () => switchLevel(logger, config.logLevel));
  host.on('uncaughtException', onUncaught);
  host.on('unhandledRejection', onUncaught);

  try {
    running = definition.start(config, { logger, signal: abort.signal, telemetry, build });
    await running;
    if (!stopping) logger.info(build, `${name} is ready`);
  } catch (error) {
    if (stopping && abort.signal.aborted) return;
    host.exitCode = 1;
    if (error instanceof StartError)
      logger.fatal(`${name} cannot start: ${error.message}; ${error.mend}`);
    else logger.fatal({ err: error }, `${name} cannot start: ${reasonOf(error)}`);
    await softStop('it could not start', failedStartStopMs);
  }
}

/** Between `debug` and what is configured, which may be `debug` or `trace` itself. */
function switchLevel(logger: Logger, configured: LogLevel): void {
  logger.level = logger.level === configured ? 'debug' : configured;
  logger.warn({ log_level: logger.level }, `the log level is ${logger.level} now`);
}

function configureOrExplain<C extends { readonly logLevel: LogLevel }>(
  { name, configure }: ServiceDefinition<C>,
  host: ProcessPort,
): C | undefined {
  try {
    return configure(host.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    host.exitCode = 1;
    const [verb, noun] = error.faults.length === 1 ? ['is', 'fault'] : ['are', 'faults'];
    host.stderr.write(
      `${name} cannot start: there ${verb} ${error.faults.length} ${noun} in its environment\n${error.message}\n`,
    );
    return undefined;
  }
}
