import {
  combineConfig,
  type Environment,
  integer,
  natsVariables,
  optional,
  postgresVariables,
  processConfig,
  readEnv,
  retentionVariables,
  type Variable,
} from '@hookline/service-runtime';

import { parseShardLayout, type ShardLayout } from './domain/shard-layout.ts';

const REDACT_FIELDS_MAX = 200;

const gatewayVariables = {
  /** How many days back a source id is known: a repeat within them makes no second event. */
  dedupeDays: retentionVariables.dedupeDays,
  /** How many days events and attempts are kept; older ones are dropped, a day at a time. */
  retentionDays: retentionVariables.retentionDays,
  /**
   * Age from which an event that no dispatcher has settled is published again, unless it still waits
   * in EVENTS. A shorter one finds a loss sooner, and asks more often about events merely slow.
   */
  sweepAfterMs: integer({
    name: 'HOOKLINE_SWEEP_AFTER_MS',
    fallback: 30_000,
    min: 100,
    max: 3_600_000,
    unit: 'ms',
  }),
  /**
   * How INGEST is divided among readers; unset: as it is stored. A gateway that starts with it stores
   * it for all, see storeLayout().
   */
  ingestShards: optional(shardLayout('HOOKLINE_INGEST_SHARDS')),
  /** Names of members that are taken for secrets besides those of Hookline's own list. */
  redactFields: fieldNames('HOOKLINE_REDACT_FIELDS'),
  /** Quota of tenants without one of their own, in events a second for each gateway; unset: none. */
  tenantEventsPerSecond: optional(
    integer({
      name: 'HOOKLINE_TENANT_EVENTS_PER_SECOND',
      min: 1,
      max: 1_000_000,
      unit: 'events a second',
    }),
  ),
};

function shardLayout(name: string): Variable<ShardLayout> {
  return {
    name,
    rule: 'shards and their tenants, such as a=tenant-1,tenant-2;b=tenant-3 (names of 1 to 40 of a-z, 0-9 and -, none twice, no shard named all, at most 64 shards), or none',
    parse(text) {
      const value = parseShardLayout(text);
      return value === undefined ? { ok: false } : { ok: true, value };
    },
  };
}

function fieldNames(name: string): Variable<readonly string[]> {
  return {
    name,
    rule: `at most ${REDACT_FIELDS_MAX} names of members, separated by commas, such as iban,phone_number (2 to 64 letters, digits, _, - and dots each, two of them letters or digits)`,
    fallback: [],
    parse(text) {
      const value = text.split(',').map((part) => part.trim());
      const sound = value.every(
        (part) => /^[\w.-]{2,64}$/.test(part) && /[a-z\d].*[a-z\d]/i.test(part),
      );
      return sound && value.length <= REDACT_FIELDS_MAX ? { ok: true, value } : { ok: false };
    },
  };
}

const SWEEP_EVERY_MS = 5_000;

/**
 * A gateway that dies is followed by another after at most `leaseMs`; with three renewals in that
 * time, a slow Postgres does not make the reader change hands.
 */
const LEASE = { leaseMs: 15_000, renewEveryMs: 5_000 };

/**
 * How often the tenants and the stored layout are read, and how often it is asked what waits in INGEST
 * for no lane. A new tenant's first message waits for the former at most.
 */
const FOLLOW = { followEveryMs: 1_500, straysEveryMs: 10_000 };

/** How often it is written down when each agent was last heard. */
const ACTIVITY = { activityEveryMs: 3_000 };

export type GatewayConfig = ReturnType<typeof gatewayConfig>;

/** @throws ConfigurationError naming every variable at fault */
export function gatewayConfig(env: Environment) {
  const { host, storage, gateway } = combineConfig(env, {
    host: processConfig,
    storage: (variables) => readEnv(variables, { ...postgresVariables, ...natsVariables }),
    gateway: (variables) => readEnv(variables, gatewayVariables),
  });
  const sweepEveryMs = Math.min(SWEEP_EVERY_MS, gateway.sweepAfterMs);
  return { ...host, ...storage, ...gateway, ...LEASE, ...FOLLOW, ...ACTIVITY, sweepEveryMs };
}
