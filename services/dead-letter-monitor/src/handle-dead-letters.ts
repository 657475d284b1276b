import { type Database, type HooklineSchema, listAttemptsOfDelivery } from '@hookline/event-log';
import { type Counter, reasonOf } from '@hookline/service-runtime';
import { type Logger, noTracing, type Tracing } from '@hookline/telemetry';
import type { Kysely } from 'kysely';
import { type AttemptSummary, writeDisabledMail } from './domain/disabled-mail.ts';
import {
  type DeadDelivery,
  type Inquiry,
  inquire,
  judge,
  type Verdict,
  type WatchedSubscription,
} from './domain/disabling.ts';
import { disabledKey, recipientsOf } from './domain/notification.ts';
import { hasSucceededSince, isFailingSince } from './postgres/attempt-history.ts';
import {
  findUnhandled,
  lockUnhandled,
  markHandled,
  type UnhandledGroup,
} from './postgres/dead-letters.ts';
import { insertNotification } from './postgres/notification-outbox.ts';
import { traceHandling } from './trace-handling.ts';

export interface SubscriptionName {
  readonly tenant: string;
  readonly subscriptionId: string;
}

/** What is asked of subscriptions. */
export interface Subscriptions {
  /** Undefined when there is none, or none any more. */
  find(name: SubscriptionName): Promise<WatchedSubscription | undefined>;
  /** Changes nothing when it is disabled or deleted already. */
  disable(command: SubscriptionName & { readonly reason: string }): Promise<void>;
}

export interface DeadLetterHandlerDeps {
  readonly database: Database;
  readonly subscriptions: Subscriptions;
  /** Where the console is, with a slash at the end; for mails. */
  readonly consoleUrl: string;
  readonly logger: Logger;
  readonly tracing?: Tracing;
  /** Counted by `cause`. */
  readonly disabled: Counter;
  /** Called when a mail was written. */
  readonly onNotification?: () => void;
}

const BATCH_MAX = 500;
const ATTEMPTS_SHOWN = 5;
const FAILURES_REMEMBERED = 1_000;
const FAILURE_PAUSE_MS = 60_000;

/**
 * Handles dead letters: applies the disabling rules and writes the mail, each dead letter once.
 *
 * One subscription at a time, in a transaction that holds its dead letters, so that several
 * monitors share the work and no subscription's trouble holds up another's. A kill in between is
 * healed by doing it over: the dead letters are still unhandled, disabling twice changes nothing,
 * and a mail's key is unique, so that it is written exactly once.
 */
export function createDeadLetterHandler(deps: DeadLetterHandlerDeps) {
  // Subscriptions that failed to be handled, and when to try them again (monotonic, milliseconds).
  // At the bound the oldest is forgotten, and so is tried sooner.
  const failing = new Map<string, number>();

  return {
    /** Handles one batch, the oldest first. True when there is more. */
    async runOnce(): Promise<boolean> {
      for (const [id, retryAt] of failing) if (retryAt <= performance.now()) failing.delete(id);
      const groups = await findUnhandled(deps.database.kysely, {
        limit: BATCH_MAX,
        except: [...failing.keys()],
      });
      for (const group of groups) {
        try {
          const { database, tracing = noTracing } = deps;
          await traceHandling({ database, tracing, group }, (traceparent) =>
            handleGroup(deps, { ...group, traceparent }),
          );
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
      return groups.reduce((sum, { deliveryIds }) => sum + deliveryIds.length, 0) === BATCH_MAX;
    },
  };
}

async function handleGroup(deps: DeadLetterHandlerDeps, group: TracedGroup): Promise<void> {
  const { tenant, subscriptionId, traceparent } = group;
  let notified = false;
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const dead = await lockUnhandled(transaction, group);
    if (dead.length === 0) return;
    const subscription = await deps.subscriptions.find({ tenant, subscriptionId });
    if (subscription !== undefined) {
      const verdict = await judgeDeadLetters(transaction, subscription, dead);
      if (verdict.kind === 'disable') {
        notified = await disable(deps, transaction, { subscription, verdict, traceparent });
      }
    }
    await markHandled(transaction, dead);
  });
  if (notified) deps.onNotification?.();
}

async function judgeDeadLetters(
  transaction: Kysely<HooklineSchema>,
  subscription: WatchedSubscription,
  dead: readonly DeadDelivery[],
): Promise<Verdict> {
  const inquiry = inquire(subscription, dead);
  return judge(inquiry, await answer(transaction, subscription.id, inquiry));
}

async function answer(
  transaction: Kysely<HooklineSchema>,
  subscriptionId: string,
  inquiry: Inquiry,
): Promise<boolean> {
  switch (inquiry.kind) {
    case 'settled':
      return true;
    case 'success_since':
      return await hasSucceededSince(transaction, {
        subscriptionId,
        exceptDeliveryId: inquiry.delivery.deliveryId,
        since: inquiry.since,
      });
    case 'failing_since':
      return await isFailingSince(transaction, { subscriptionId, since: inquiry.since });
  }
}

interface TracedGroup extends UnhandledGroup {
  readonly traceparent: string | undefined;
}

interface Disabling {
  readonly traceparent: string | undefined;
  readonly subscription: WatchedSubscription;
  readonly verdict: Extract<Verdict, { kind: 'disable' }>;
}

/** Disables, and writes the mail about it; whether one was written. */
async function disable(
  deps: DeadLetterHandlerDeps,
  transaction: Kysely<HooklineSchema>,
  { subscription, verdict, traceparent }: Disabling,
): Promise<boolean> {
  const { cause, reason, delivery } = verdict;
  const about = { tenant: subscription.tenant, subscription_id: subscription.id, cause };
  if (subscription.state !== 'disabled') {
    await deps.subscriptions.disable({
      tenant: subscription.tenant,
      subscriptionId: subscription.id,
      reason,
    });
    deps.disabled.add(1, { cause });
    deps.logger.warn(about, `${subscription.id} was disabled: ${reason}`);
  }
  const recipients = recipientsOf(subscription);
  if (recipients.length === 0) {
    deps.logger.warn(
      about,
      `nobody is told that ${subscription.id} was disabled: it has no notification_emails and its tenant no contacts`,
    );
    return false;
  }
  const attempts = await lastAttempts(transaction, subscription.tenant, delivery);
  return await insertNotification(transaction, {
    dedupeKey: disabledKey(subscription, cause),
    tenant: subscription.tenant,
    subscriptionId: subscription.id,
    kind: 'subscription_disabled',
    recipients,
    ...(traceparent !== undefined && { traceparent }),
    ...writeDisabledMail({
      subscription,
      cause,
      reason,
      delivery,
      attempts,
      consoleUrl: deps.consoleUrl,
    }),
  });
}

async function lastAttempts(
  transaction: Kysely<HooklineSchema>,
  tenant: string,
  { deliveryId }: DeadDelivery,
): Promise<AttemptSummary[]> {
  const rows = await listAttemptsOfDelivery(transaction, { tenant, deliveryId });
  return rows.slice(-ATTEMPTS_SHOWN).map((row) => ({
    number: row.number,
    startedAt: row.started_at,
    outcome: row.outcome,
    httpStatus: row.http_status ?? undefined,
    error: row.error ?? undefined,
  }));
}
