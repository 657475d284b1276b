import { findEventType } from '@hookline/contracts';
import type { EventToAppend } from '@hookline/event-log';
import { checkEventData } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type { Channel, GatewayMetrics, Mismatch } from './gateway-metrics.ts';
import type { TenantDirectory } from './tenant-directory.ts';

/** Why a tenant in strict mode does not take an event. */
export interface Unfit {
  readonly code: Mismatch['code'];
  readonly field: string;
  readonly reason: string;
}

/** Events against the catalogue of event types, as strictly as their tenants ask. */
export interface EventChecks {
  /** Makes sure that the settings of a tenant are known. Throws what Postgres throws. */
  know(tenant: string): Promise<void>;
  /**
   * Why the event is to be refused. Without strict mode nothing is: an event that differs is counted,
   * and told in the log once a minute for each tenant and type.
   */
  unfitness(event: EventToAppend, channel: Channel): Unfit | undefined;
}

export interface EventChecksOptions {
  readonly directory: Pick<TenantDirectory, 'get' | 'lookUp'>;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

const TOLD_AGAIN_MS = 60_000;
/** Pairs of tenant and type told within the last minute; what comes on top is counted, but not told. */
const TOLD_MAX = 1_000;
const FAULTS_SHOWN_MAX = 5;

export function createEventChecks(options: EventChecksOptions): EventChecks {
  const { directory, metrics, logger, now = () => performance.now() } = options;
  const mayTell = createSampling(now);

  /** Field names are the catalogue's; values are left out, since they may be anything. */
  const tell = ({ tenant, type }: EventToAppend, unfit: Unfit, fields: readonly string[]): void => {
    if (!mayTell(`${tenant} ${type}`)) return;
    const { code } = unfit;
    logger.warn(
      { tenant, type, code, fields },
      'an event is not as the catalogue says; taken as it is',
    );
  };

  return {
    async know(tenant) {
      if (directory.get(tenant) === undefined) await directory.lookUp([tenant]);
    },
    unfitness(event, channel) {
      const tenant = directory.get(event.tenant);
      if (tenant?.customTypes.has(event.type) === true) return undefined;
      const partial = event.phase === 'pre' || event.status === 'fail';
      const faults = checkEventData(event.type, JSON.parse(event.data), { partial });
      if (faults.length === 0) return undefined;
      const [first] = faults;
      const code = findEventType(event.type) === undefined ? 'unknown_type' : 'invalid_data';
      const reason = faults
        .slice(0, FAULTS_SHOWN_MAX)
        .map(({ field, detail }) => `${field} ${detail}`)
        .join('; ');
      const unfit = { code, field: first?.field ?? 'data', reason } as const;
      if (tenant?.strict === true) return unfit;
      metrics.mismatched(channel, { code, system: systemOf(event.type) });
      tell(
        event,
        unfit,
        faults.slice(0, FAULTS_SHOWN_MAX).map(({ field }) => field),
      );
      return undefined;
    },
  };
}

function systemOf(type: string): string {
  return /^(xo|virtfusion|proxmox)\./.exec(type)?.[1] ?? 'other';
}

/** Lets each name pass once a minute. */
function createSampling(now: () => number): (name: string) => boolean {
  const told = new Map<string, number>();
  return (name) => {
    const at = now();
    // Insertion order is the order of times, so the oldest come first.
    for (const [oldest, since] of told) {
      if (at - since < TOLD_AGAIN_MS) break;
      told.delete(oldest);
    }
    if (told.has(name) || told.size >= TOLD_MAX) return false;
    told.set(name, at);
    return true;
  };
}
