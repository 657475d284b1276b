import {
  durationFromMs,
  durationToMs,
  enumText,
  enumTexts,
  enumValue,
  type RetryPolicy,
  RetryPreset,
} from '@hookline/contracts';

/**
 * How REST writes a retry policy: a preset, or one's own waits in seconds (fractions allowed), each
 * counted from the end of the failed attempt. The other members mean what they mean in gRPC.
 */
export interface RetryJson {
  readonly preset?: string;
  readonly delays_seconds?: readonly number[];
  readonly jitter?: number;
  readonly attempts_max?: number;
  readonly disable?: boolean;
}

const PREFIX = 'RETRY_PRESET_';

// Bounds are the service's to check, so that REST and gRPC refuse alike; here are the shapes.
export const retrySchema = {
  type: 'object',
  description:
    'When a failed attempt is repeated. Absent: preset `cdhosting` for that format, else `standard`. A preset and delays of one’s own exclude each other.',
  additionalProperties: false,
  properties: {
    preset: {
      type: 'string',
      enum: enumTexts(RetryPreset, PREFIX),
      description: 'A ready-made schedule.',
    },
    delays_seconds: {
      type: 'array',
      maxItems: 1_000,
      items: { type: 'number', minimum: 0, maximum: 1e9 },
      description: 'Waits of one’s own, each counted from the end of the failed attempt.',
    },
    jitter: { type: 'number', description: 'By how much each wait varies either way, 0 to 1.' },
    attempts_max: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: 'Attempts at most, the first included.',
    },
    disable: { type: 'boolean', description: 'Whether failures may disable the webhook.' },
  },
} as const;

/** Without preset and delays it is the preset of the format: `cdhosting` for that, else `standard`. */
export function toRetryPolicy(retry: RetryJson, format: string): RetryPolicy {
  const { delays_seconds: delays } = retry;
  const ofFormat = format === 'cdhosting' ? 'cdhosting' : 'standard';
  const preset = retry.preset ?? (delays === undefined ? ofFormat : undefined);
  return {
    preset:
      (preset === undefined ? undefined : enumValue(RetryPreset, PREFIX, preset)) ??
      RetryPreset.RETRY_PRESET_UNSPECIFIED,
    delays: (delays ?? []).map((seconds) => durationFromMs(Math.round(seconds * 1000))),
    jitter: retry.jitter,
    attemptsMax: retry.attempts_max,
    disable: retry.disable,
  };
}

export function toRetryJson(policy: RetryPolicy | undefined): RetryJson {
  const preset = policy && enumText(RetryPreset, PREFIX, policy.preset);
  const delays = policy?.delays.map((delay) => durationToMs(delay) / 1000) ?? [];
  return {
    ...(preset !== undefined
      ? { preset }
      : delays.length > 0
        ? { delays_seconds: delays }
        : { preset: 'standard' }),
    ...(policy?.jitter !== undefined && { jitter: policy.jitter }),
    ...(policy?.attemptsMax !== undefined && { attempts_max: policy.attemptsMax }),
    ...(policy?.disable !== undefined && { disable: policy.disable }),
  };
}
