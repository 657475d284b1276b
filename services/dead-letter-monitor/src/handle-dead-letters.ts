import type { Database, HooklineSchema } from '@hookline/event-log';
import { type Counter, reasonOf } from '@hookline/service-runtime';
import { type Logger, noTracing, type Tracing } from '@hookline/telemetry';
import type { Kysely } from 'kysely';
import type { Announce } from './announce.ts';
import { groupByCause } from './domain/dead-groups.ts';
import type { DeadDelivery, Verdict, WatchedSubscription } from './domain/disabling.ts';
import { deliveryDead, subscriptionDisabled } from './domain/own-events.ts';
import { judgeDeadLetters } from './judge-dead-letters.ts';
import {
  findUnhandled,
  lockUnhandled,
  markHandled,
  type UnhandledGroup,
} from './postgres/dead-letters.ts';
import { isDisabledKnown } from './postgres/disabled-incident.ts';
import { lastAttemptsOf } from './postgres/list-dead-letters.ts';
import { showDeadGroup } from './show-dead-group.ts';
import { traceHandling } from './trace-handling.ts';

export interface SubscriptionName {
  readonly tenant: string;
  readonly subscriptionId: string;
}

/** What is asked of subscriptions. */
export interface Subscriptions {
  /** Undefined when there is none, or none any more. */
  find(name: SubscriptionName): Promise<WatchedSubscription | undefined>;
  /** Changes nothing when it is disabled or deleted already. Resolves to when what is missed begins. */
  disable(command: SubscriptionName & { readonly reason: string }): Promise<Date>;
  /** Changes nothing when it is active or deleted. */
  enable(name: SubscriptionName): Promise<void>;
}

export interface DeadLetterHandlerDeps {
  readonly database: Database;
  readonly subscriptions: Subscriptions;
  readonly announce: Announce;
  /** Where the console is, with a slash at the end; for mails. */
  readonly consoleUrl: string;
  /** How long people are not told again of what goes on, in milliseconds. */
  readonly repeatMs: number;
  readonly logger: Logger;
  readonly tracing?: Tracing;
  /** Counted by `cause`. */
  readonly disabled: Counter;
  /** Called when a mail was written. */
  readonly onNotification?: () => void;
}

/** The oldest dead letters looked at for whose they are. */
const LOOKED_AT_MAX = 500;
/** Of one subscription, in one transaction. */
const BATCH_MAX = 2_000;
const FAILURES_REMEMBERED = 1_000;
const FAILURE_PAUSE_MS = 60_000;

/**
 * Handles dead letters: counts them in incidents, applies the disabling rules, tells those concerned,
 * each dead letter once.
 *
 * One subscription at a time, in a transaction that holds its dead letters, so that several
 * monitors share the work and no subscription's trouble holds up another's. A kill in between is
 * healed by doing it over: the dead letters are still unhandled and counted nowhere, disabling twice
 * changes nothing, an event's source id and a mail's key are unique, so that each is written once.
 */
export function createDeadLetterHandler(deps: DeadLetterHandlerDeps) {
  // Subscriptions that failed to be handled, and when to try them again (monotonic, milliseconds).
  // At the bound the oldest is forgotten, and so is tried sooner.
  const failing = new Map<string, number>();

  return {
    /** Handles a batch of each of some subscriptions, the oldest first. True when there is more. */
    async runOnce(): Promise<boolean> {
      for (const [id, retryAt] of failing) if (retryAt <= performance.now()) failing.delete(id);
      const groups = await findUnhandled(deps.database.kysely, {
        limit: LOOKED_AT_MAX,
        except: [...failing.keys()],
      });
      let handled = 0;
      for (const group of groups) {
        try {
          handled += await handleGroup(deps, group);
        } catch (error) {
          deps.logger.error(
            { err: error, subscription_id: group.subscriptionId },
            `the dead letters of ${group.subscriptionId} could not be handled, again in ${FAILURE_PAUSE_MS / 1000} s: ${reasonOf(error)}`,
          );
          failing.set(group.subscriptionId, performance.now() + FAILURE_PAUSE_MS);
          const oldest = failing.keys().next();
          if (failing.size > FAILURES_REMEMBERED && !oldest.done) failing.delete(oldest.value);
        }
      }
      return handled >= LOOKED_AT_MAX;
    },
  };
}

/** How many dead letters were handled. */
async function handleGroup(deps: DeadLetterHandlerDeps, group: UnhandledGroup): Promise<number> {
  const { database, tracing = noTracing } = deps;
  let notified = false;
  const handled = await database.kysely.transaction().execute(async (transaction) => {
    const dead = await lockUnhandled(transaction, { ...group, limit: BATCH_MAX });
    if (dead.length === 0) return 0;
    const subscription = await findSubscription(deps, group);
    // What died for a subscription that is gone since is nobody's trouble any more.
    if (subscription === 'gone') {
      await markHandled(transaction, dead, undefined);
      return dead.length;
    }
    await traceHandling({ database, tracing, group, dead }, async (traceparent) => {
      const locked = { group, dead, subscription, traceparent };
      notified = await handleLocked(deps, transaction, locked);
    });
    return dead.length;
  });
  if (notified) deps.onNotification?.();
  return handled;
}

/** Undefined for events that expired before they were matched with any. */
async function findSubscription(
  { subscriptions }: DeadLetterHandlerDeps,
  group: UnhandledGroup,
): Promise<WatchedSubscription | undefined | 'gone'> {
  if (group.subscriptionId === '') return undefined;
  const found = await subscriptions.find(group);
  return found === undefined || found.state === 'deleted' ? 'gone' : found;
}

interface Locked {
  readonly group: UnhandledGroup;
  readonly dead: readonly DeadDelivery[];
  readonly subscription: WatchedSubscription | undefined;
  readonly traceparent: string | undefined;
}

/** Whether a mail was written. */
async function handleLocked(
  deps: DeadLetterHandlerDeps,
  transaction: Kysely<HooklineSchema>,
  { group, dead, subscription, traceparent }: Locked,
): Promise<boolean> {
  const statuses = await statusesOf(transaction, group.tenant, dead);
  const verdict: Verdict =
    subscription === undefined
      ? { kind: 'keep' }
      : await judgeDeadLetters(transaction, subscription, dead);
  const disabling =
    verdict.kind === 'disable' && subscription !== undefined
      ? await disable(deps, subscription, verdict)
      : undefined;
  const isKnown =
    disabling !== undefined && (await isDisabledKnown(transaction, group.subscriptionId));
  let notified = false;
  for (const deadGroup of groupByCause(dead, (id) => statuses.get(id))) {
    const isItsCause =
      disabling !== undefined && deadGroup.letters.includes(disabling.verdict.delivery);
    const shown = await showDeadGroup(deps, transaction, {
      ...{ ...group, subscription, deadGroup, traceparent },
      disabling: isItsCause ? { ...disabling, isKnown } : undefined,
    });
    notified ||= shown.notified;
    await markHandled(transaction, deadGroup.letters, shown.incidentId);
    const { cause } = deadGroup;
    const about = { ...group, cause, incidentId: shown.incidentId };
    const events = deadGroup.letters.flatMap((letter) => deliveryDead(letter, about));
    if (isItsCause && subscription !== undefined) {
      const incident = { id: shown.incidentId, cause };
      events.push(subscriptionDisabled(subscription, disabling.verdict, incident));
    }
    await deps.announce(events);
  }
  return notified;
}

export interface Disabling {
  readonly verdict: Extract<Verdict, { kind: 'disable' }>;
  readonly missedSince: Date | undefined;
}

async function disable(
  deps: DeadLetterHandlerDeps,
  { tenant, id, state }: WatchedSubscription,
  verdict: Disabling['verdict'],
): Promise<Disabling> {
  const { cause, reason } = verdict;
  if (state === 'disabled') return { verdict, missedSince: undefined };
  const missedSince = await deps.subscriptions.disable({ tenant, subscriptionId: id, reason });
  deps.disabled.add(1, { cause });
  deps.logger.warn({ tenant, subscription_id: id, cause }, `${id} was disabled: ${reason}`);
  return { verdict, missedSince };
}

/** HTTP statuses of the last attempts, where they tell causes apart. */
async function statusesOf(
  transaction: Kysely<HooklineSchema>,
  tenant: string,
  dead: readonly DeadDelivery[],
): Promise<Map<string, number>> {
  const asked = dead.filter(({ cause }) => cause === 'http_error');
  const attempts = await lastAttemptsOf(
    transaction,
    tenant,
    asked.map((letter) => ({
      delivery_id: letter.deliveryId,
      event_recorded_at: letter.eventRecordedAt,
    })),
  );
  return new Map(
    [...attempts].flatMap(([id, { http_status: status }]) =>
      status === null ? [] : [[id, status] as const],
    ),
  );
}
