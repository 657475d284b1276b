import assert from 'node:assert/strict';
import { deliveryId, lineOf, newId } from '@hookline/contracts';
import { createSealer } from '@hookline/credentials';
import { type Database, migrate, openDatabase } from '@hookline/event-log';
import { createMetrics } from '@hookline/service-runtime';
import {
  createSubscriptionIndex,
  createSubscriptionStore,
  type SubscriptionSettings,
} from '@hookline/subscriptions';
import { createLogger } from '@hookline/telemetry';
import { createTestDatabase, eventually } from '@hookline/testing';
import { createAnnouncer } from './announce.ts';
import type { SendMail } from './mail/mail.ts';
import { createMonitor, type MonitorOptions } from './monitor.ts';
import { watchSubscriptions } from './watched-subscriptions.ts';

/** A database with a tenant, and what makes subscriptions, attempts and dead letters in it. */
export async function openTestMonitor() {
  const created = await createTestDatabase({ migrate });
  const database = openDatabase({ url: created.url, role: 'hookline_service' });
  await database.kysely
    .insertInto('hookline.tenant')
    .values({
      name: 'default',
      tenant_id: newId('ten'),
      contacts: ['owner@example.com'],
      deleted_at: null,
    })
    .execute();
  const sealer = createSealer(Buffer.alloc(32, 7).toString('base64'));
  const store = createSubscriptionStore(database, { sealer });
  const subscriptions = watchSubscriptions({ database, store, onChanged: () => {} });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const index = createSubscriptionIndex(database, { sealer, logger });
  await index.start();
  const announce = createAnnouncer({ database, index, publisher: undefined, logger });
  return {
    database,
    store,
    subscriptions,
    sealer,
    logger,
    /** A monitor that polls quickly, so that no test depends on a wake-up. */
    monitor: (
      sendMail: SendMail,
      given: Partial<Pick<MonitorOptions, 'subscriptions' | 'ping' | 'repeatMs' | 'graceMs'>> = {},
    ) =>
      createMonitor({
        database,
        subscriptions,
        announce,
        ping: async () => ({ kind: 'nobody' }),
        keptDays: 90,
        sendMail,
        consoleUrl: 'http://127.0.0.1:8080/',
        logger,
        metrics: createMetrics(),
        pollMs: 25,
        ...given,
      }),
    async subscribe(given: Partial<SubscriptionSettings> = {}): Promise<string> {
      const { subscription } = await store.create({
        tenant: 'default',
        actor: 'test',
        settings: { ...settings, ...given },
      });
      return subscription.id;
    },
    die: (subscriptionId: string, given: DeathInput = {}) => die(database, subscriptionId, given),
    succeed: (subscriptionId: string, startedAt: Date) =>
      insertAttempt(database, {
        subscriptionId,
        deliveryId: newId('dlv'),
        startedAt,
        outcome: 'succeeded',
        number: 1,
      }),
    fail: (subscriptionId: string, startedAt: Date) =>
      insertAttempt(database, {
        subscriptionId,
        deliveryId: newId('dlv'),
        startedAt,
        outcome: 'http_error',
        number: 1,
      }),
    /** What a dispatcher leaves on record of a ping. */
    ping: (subscriptionId: string, { eventId, outcome }: { eventId: string; outcome: string }) =>
      insertAttempt(database, {
        subscriptionId,
        deliveryId: deliveryId(eventId, subscriptionId),
        startedAt: new Date(),
        outcome,
        number: 1,
      }),
    unhandled: () => countUnhandled(database),
    /** Resolves when a mail about each of these subscriptions was sent. */
    told: (subscriptionIds: readonly string[]) =>
      eventually(async () => {
        const rows = await database.kysely
          .selectFrom('hookline.notification')
          .select('notification_id')
          .where('sent_at', 'is not', null)
          .where('subscription_id', 'in', subscriptionIds)
          .execute();
        assert.equal(rows.length, subscriptionIds.length);
      }),
    async [Symbol.asyncDispose]() {
      await index.stop();
      await database.close();
      await created.drop();
    },
  };
}

async function countUnhandled(database: Database): Promise<number> {
  const rows = await database.kysely
    .selectFrom('hookline.dead_letter')
    .select('delivery_id')
    .where('handled_at', 'is', null)
    .execute();
  return rows.length;
}

const settings: SubscriptionSettings = {
  url: 'https://receiver.example.com/hooks',
  description: 'the shop',
  filter: { types: ['server.*'], statuses: [], phases: [], subjects: [], attributes: [] },
  format: 'cdhosting',
  options: {},
  headers: {},
  retryPolicy: { preset: 'cdhosting' },
  timeoutMs: 15_000,
  ordering: 'none',
  notificationEmails: ['ops@example.com'],
};

interface DeathInput {
  readonly cause?: string;
  readonly firstAttemptAt?: Date;
  readonly diedAt?: Date;
  readonly eventType?: string;
}

/** A delivery that failed and was given up, with one attempt on record. */
async function die(database: Database, subscriptionId: string, given: DeathInput): Promise<string> {
  const deliveryId = newId('dlv');
  const cause = given.cause ?? 'http_error';
  const firstAttemptAt = given.firstAttemptAt ?? new Date();
  await insertAttempt(database, {
    subscriptionId,
    deliveryId,
    startedAt: firstAttemptAt,
    outcome: cause,
    number: 5,
  });
  await database.kysely
    .insertInto('hookline.dead_letter')
    .values({
      delivery_id: deliveryId,
      subscription_id: subscriptionId,
      tenant: 'default',
      event_id: newId('evt'),
      event_type: given.eventType ?? 'server.started',
      event_recorded_at: firstAttemptAt,
      line: lineOf('default', 'srv_1', ''),
      sequence: 1n,
      attempts_count: 5,
      cause,
      error: 'the receiver answered 500',
      first_attempt_at: firstAttemptAt,
      ...(given.diedAt && { died_at: given.diedAt }),
    })
    .execute();
  return deliveryId;
}

interface AttemptInput {
  readonly subscriptionId: string;
  readonly deliveryId: string;
  readonly startedAt: Date;
  readonly outcome: string;
  readonly number: number;
}

async function insertAttempt(database: Database, attempt: AttemptInput): Promise<void> {
  await database.kysely
    .insertInto('hookline.attempt_log')
    .values({
      attempt_id: newId('att'),
      delivery_id: attempt.deliveryId,
      subscription_id: attempt.subscriptionId,
      tenant: 'default',
      event_id: newId('evt'),
      event_type: 'server.started',
      event_recorded_at: attempt.startedAt,
      sequence: 1n,
      number: attempt.number,
      started_at: attempt.startedAt,
      duration_ms: 12.5,
      url: settings.url,
      outcome: attempt.outcome,
      http_status: attempt.outcome === 'succeeded' ? 200 : 500,
      error: attempt.outcome === 'succeeded' ? null : 'the receiver answered 500',
      trace_id: '0'.repeat(32),
      dispatcher_id: 'dsp_test',
      delivery_state: attempt.outcome === 'succeeded' ? 'succeeded' : 'dead',
    })
    .execute();
}
