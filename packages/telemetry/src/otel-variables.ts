import type { Logger } from './logger.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export type SamplerName = (typeof samplerNames)[number];

/** What the OTEL_* variables ask for. */
export interface OtelSettings {
  /** Whether spans are exported: an endpoint for them is set and nothing turns them off. */
  readonly traces: boolean;
  readonly metrics: boolean;
  readonly sampler: SamplerName;
  /** 0 to 1, for the samplers by ratio. */
  readonly ratio: number;
  /** Replaces the name of the service when set. */
  readonly serviceName: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly batch: {
    readonly queueMax: number;
    readonly batchMax: number;
    readonly delayMs: number;
    readonly exportTimeoutMs: number;
  };
  readonly metricIntervalMs: number;
  readonly metricTimeoutMs: number;
}

/**
 * Reads the variables that OpenTelemetry defines. As its specification asks, what cannot be read is
 * told and the default is used; an empty variable is an unset one. The exporters read theirs
 * (endpoints, headers, timeouts, compression, certificates) themselves.
 */
export function readOtelSettings(env: Environment, logger: Pick<Logger, 'warn'>): OtelSettings {
  const reader = createReader(env, logger);
  const { text, whole, isOff } = reader;
  const enabled = text('OTEL_SDK_DISABLED')?.toLowerCase() !== 'true';
  const everything = text('OTEL_EXPORTER_OTLP_ENDPOINT') !== undefined;
  const wants = (signal: 'TRACES' | 'METRICS'): boolean => {
    const endpoint = everything || text(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) !== undefined;
    return (
      enabled && endpoint && !isOff(`OTEL_${signal}_EXPORTER`) && reader.speaksProtobuf(signal)
    );
  };
  const queueMax = whole('OTEL_BSP_MAX_QUEUE_SIZE', 2_048, 1);
  return {
    traces: wants('TRACES'),
    metrics: wants('METRICS'),
    sampler: reader.sampler(),
    ratio: reader.ratio(),
    serviceName: text('OTEL_SERVICE_NAME'),
    resourceAttributes: reader.pairs('OTEL_RESOURCE_ATTRIBUTES'),
    batch: {
      queueMax,
      batchMax: Math.min(whole('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1), queueMax),
      delayMs: whole('OTEL_BSP_SCHEDULE_DELAY', 5_000, 0),
      exportTimeoutMs: whole('OTEL_BSP_EXPORT_TIMEOUT', 30_000, 1),
    },
    metricIntervalMs: whole('OTEL_METRIC_EXPORT_INTERVAL', 60_000, 1),
    metricTimeoutMs: whole('OTEL_METRIC_EXPORT_TIMEOUT', 30_000, 1),
  };
}

function createReader(env: Environment, logger: Pick<Logger, 'warn'>) {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const complain = (name: string, rule: string, instead: string): void =>
    logger.warn(`${name}=${text(name)}: it must be ${rule}; ${instead}`);

  return {
    text,

    whole(name: string, fallback: number, min: number): number {
      const given = text(name);
      if (given === undefined) return fallback;
      const value = /^\d{1,9}$/.test(given) ? Number(given) : -1;
      if (value >= min) return value;
      complain(name, `a whole number from ${min}`, `${fallback} is used`);
      return fallback;
    },

    isOff(name: string): boolean {
      const given = text(name) ?? 'otlp';
      if (given === 'none') return true;
      if (given !== 'otlp') complain(name, 'otlp or none', 'otlp is used');
      return false;
    },

    speaksProtobuf(signal: string): boolean {
      const own = `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`;
      const name = text(own) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : own;
      if ((text(name) ?? 'http/protobuf') === 'http/protobuf') return true;
      complain(name, 'http/protobuf', `${signal.toLowerCase()} are not exported`);
      return false;
    },

    sampler(): SamplerName {
      const given = text('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
      const known = samplerNames.find((name) => name === given);
      if (known !== undefined) return known;
      complain(
        'OTEL_TRACES_SAMPLER',
        `one of ${samplerNames.join(', ')}`,
        'parentbased_always_on is used',
      );
      return 'parentbased_always_on';
    },

    ratio(): number {
      const given = text('OTEL_TRACES_SAMPLER_ARG');
      if (given === undefined) return 1;
      const value = /^\d*\.?\d+$/.test(given) ? Number(given) : Number.NaN;
      if (value >= 0 && value <= 1) return value;
      complain('OTEL_TRACES_SAMPLER_ARG', 'a number from 0 to 1', '1 is used');
      return 1;
    },

    pairs(name: string): Record<string, string> {
      const pairs = (text(name) ?? '').split(',').filter((pair) => pair.trim() !== '');
      const read = pairs.map((pair) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair));
      if (read.every((match) => match !== null)) {
        return Object.fromEntries(read.map((match) => [match[1], decoded(match[2] ?? '')]));
      }
      complain(name, 'key=value pairs separated by commas', 'none of them is used');
      return {};
    },
  };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
