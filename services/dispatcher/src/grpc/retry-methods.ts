import {
  type DeliveryServiceService,
  type DispatchableEvent,
  DomainError,
  isId,
} from '@hookline/contracts';
import { requireRole, type Sealer } from '@hookline/credentials';
import {
  actOnRecord,
  type Database,
  type EventMetadata,
  readEvents,
  type Statements,
} from '@hookline/event-log';
import { type GrpcImplementation, metadataOfCall } from '@hookline/service-runtime';
import { subscriptionNotFound } from '@hookline/subscriptions';
import { bringForward, countAttempts } from '../postgres/bring-forward.ts';
import type { DeliveryRow } from '../postgres/list-deliveries.ts';
import { scheduleAgain } from '../postgres/schedule-again.ts';
import { skipHead } from '../postgres/skip-head.ts';
import { requireDelivery, showDelivery } from './show-delivery.ts';

export interface RetryMethodsDeps {
  readonly database: Database;
  readonly sealer: Sealer;
  /** Hears that a delivery is due now. */
  readonly onDue: () => void;
  /** Hears that a head was skipped: its line has another, and there is a dead letter. */
  readonly onSkipped: () => void;
}

type RetryMethods = Pick<
  GrpcImplementation<typeof DeliveryServiceService>,
  'retryDelivery' | 'skipOrderedHead'
>;

const REASON_MAX = 500;

/** The methods of DeliveryService by which a person moves a delivery. */
export function createRetryMethods(deps: RetryMethodsDeps): RetryMethods {
  const { database, sealer } = deps;
  return {
    async retryDelivery({ id }, call) {
      requireRole(call.caller, 'editor');
      const { tenant } = call.caller;
      const row = await requireDelivery(database, { tenant, id });
      await checkReceives(database, { tenant, subscriptionId: row.subscription_id });
      const metadata = await metadataOfCall(call, { sealer });
      await retry(database, { tenant, row, metadata });
      deps.onDue();
      return { delivery: await showDelivery(database, { tenant, id }) };
    },

    async skipOrderedHead({ subscriptionId, deliveryId, reason }, call) {
      requireRole(call.caller, 'editor');
      const { tenant, keyId } = call.caller;
      checkReason(reason);
      await checkThere(database, { tenant, subscriptionId });
      const why = reason === '' ? '' : `: ${reason}`;
      const error = `skipped at the head of its line by ${keyId}${why}`;
      const head = { tenant, subscriptionId, deliveryId, error };
      const metadata = await metadataOfCall(call, { sealer, reason });
      const stream = deliveryStream(deliveryId);
      const skipped = await actOnRecord(database, { stream, metadata }, async (statements) => {
        const result = await skipHead(statements, head);
        const event = { type: 'DeliverySkipped', data: { subscriptionId } };
        return { result, event: result.kind === 'skipped' ? event : undefined };
      });
      switch (skipped.kind) {
        case 'not_the_head':
          throw new DomainError(
            'failed_precondition',
            `delivery "${deliveryId}" is not at the head of a line of this subscription (any more); GetSubscriptionHealth lists the heads that hold up others`,
          );
        case 'under_way':
          throw new DomainError(
            'failed_precondition',
            `an attempt of delivery "${deliveryId}" is under way; skip it when that has ended`,
            { retryAfterMs: 1_000 },
          );
        case 'skipped':
          deps.onSkipped();
          return {
            skipped: await showDelivery(database, { tenant, id: deliveryId }),
            head:
              skipped.head === undefined
                ? undefined
                : await showDelivery(database, { tenant, id: skipped.head }),
          };
      }
    },
  };
}

/** Brings a waiting delivery forward; any other is put into the schedule again, with its count of attempts. */
async function retry(
  database: Database,
  {
    tenant,
    row,
    metadata,
  }: { readonly tenant: string; readonly row: DeliveryRow; readonly metadata: EventMetadata },
): Promise<void> {
  const events = await readEvents(database.pool, { eventIds: [row.event_id], tenant });
  const entry = events.get(row.event_id);
  if (entry === undefined) {
    throw new DomainError(
      'failed_precondition',
      `the payload of event "${row.event_id}" is past the retention time: there is nothing left to send`,
    );
  }
  const stream = deliveryStream(row.delivery_id);
  await actOnRecord(database, { stream, metadata }, async (statements) => {
    const result = await makeDue(statements, { tenant, row, entry });
    const event = { type: 'DeliveryRetried', data: { subscriptionId: row.subscription_id } };
    return { result, event: result ? event : undefined };
  });
}

/** False when it stays as it is: it is being attempted, or waits for others of its line. */
async function makeDue(
  statements: Statements,
  {
    tenant,
    row,
    entry: { event, line },
  }: {
    readonly tenant: string;
    readonly row: DeliveryRow;
    readonly entry: DispatchableEvent;
  },
): Promise<boolean> {
  const deliveryId = row.delivery_id;
  const waiting = await bringForward(statements, { tenant, deliveryId });
  if (waiting !== 'absent') return waiting === 'moved';
  const { number, counted } = await countAttempts(statements, { tenant, deliveryId });
  const added = await scheduleAgain(statements, {
    deliveries: [
      {
        deliveryId,
        subscriptionId: row.subscription_id,
        tenant,
        eventId: event.id,
        eventType: event.type,
        eventRecordedAt: event.recordedAt,
        line,
        sequence: event.sequence,
        attemptsCount: counted,
        attemptNumber: number,
      },
    ],
    // It goes out of its line: those after it were sent long ago, or do not wait for it.
    ordered: false,
  });
  // Somebody else put it there in between.
  if (added.length > 0) return true;
  return (await bringForward(statements, { tenant, deliveryId })) === 'moved';
}

/** What a person does to a delivery goes on record here; what becomes of it does not. */
function deliveryStream(deliveryId: string): string {
  return `delivery:${deliveryId}`;
}

async function checkReceives(
  database: Database,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
): Promise<void> {
  const row = await stateOf(database, { tenant, subscriptionId });
  if (row === undefined || row.state === 'deleted') {
    throw new DomainError('failed_precondition', 'the subscription is deleted');
  }
  if (row.state === 'disabled') {
    throw new DomainError(
      'failed_precondition',
      'the subscription is disabled; mend its endpoint and resume it first',
    );
  }
}

async function checkThere(
  database: Database,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
): Promise<void> {
  const row = isId('sub', subscriptionId)
    ? await stateOf(database, { tenant, subscriptionId })
    : undefined;
  if (row === undefined || row.state === 'deleted') throw subscriptionNotFound();
}

function stateOf(
  { kysely }: Database,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
) {
  return kysely
    .selectFrom('hookline.subscription')
    .select('state')
    .where('tenant', '=', tenant)
    .where('subscription_id', '=', subscriptionId)
    .executeTakeFirst();
}

function checkReason(reason: string): void {
  if (reason.length <= REASON_MAX) return;
  const detail = `has ${reason.length} characters; at most ${REASON_MAX} are taken`;
  throw new DomainError('invalid_argument', `reason ${detail}`, {
    fields: [{ field: 'reason', detail }],
  });
}
