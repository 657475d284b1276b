import {
  type DeadLetterSelection,
  type DeadLetterServiceService,
  DomainError,
  newId,
  RedriveDeadLettersRequest,
  Replay,
} from '@hookline/contracts';
import { requireRole, type Sealer } from '@hookline/credentials';
import {
  appendNewStreams,
  claimRequest,
  type Database,
  type EventMetadata,
  findRetentionBoundary,
  fingerprintOf,
  keepResponse,
  queryOfSelection,
} from '@hookline/event-log';
import { type GrpcCall, type GrpcImplementation, metadataOfCall } from '@hookline/service-runtime';
import { insertRedrive } from '../postgres/insert-redrive.ts';
import { countRedrivable, discard, findListed } from '../postgres/select-dead-letters.ts';
import { checkLength, notFound, refuseUnless } from './faults.ts';
import { queuedRedrive, readSelection, selectionSummary } from './selection.ts';

export interface RedriveMethodsDeps {
  readonly database: Database;
  readonly sealer: Sealer;
}

type RedriveMethods = Pick<
  GrpcImplementation<typeof DeadLetterServiceService>,
  'redriveDeadLetters' | 'discardDeadLetters'
>;

const PACE_MIN = 0.1;
const PACE_MAX = 10_000;

/** The methods of DeadLetterService by which a person settles dead letters. */
export function createRedriveMethods(deps: RedriveMethodsDeps): RedriveMethods {
  const { database, sealer } = deps;
  return {
    async redriveDeadLetters(request, call) {
      requireRole(call.caller, 'editor');
      checkLength('request_id', request.requestId, { max: 128 });
      checkLength('description', request.description, { max: 500 });
      checkPace(request.deliveriesPerSecond);
      const metadata = await metadataOfCall(call, { sealer, reason: request.description });
      return { replay: await redrive(deps, { request, call, metadata }) };
    },

    async discardDeadLetters(request, call) {
      requireRole(call.caller, 'editor');
      const { tenant } = call.caller;
      const selection = await readSelection(database, request.selection);
      await refuseUnknown(database.kysely, { tenant, selection });
      checkLength('reason', request.reason, { min: 1, max: 500 });
      const metadata = await metadataOfCall(call, { sealer, reason: request.reason });
      const query = { ...queryOfSelection(tenant, selection), states: ['open'] as const };
      const discardedCount = await database.kysely.transaction().execute(async (transaction) => {
        const count = await discard(transaction, query, request.reason);
        const data = { count: Number(count), ...selectionSummary(selection) };
        const event = { type: 'DeadLettersDiscarded', data };
        const stream = `dead-letters:${newId('aud')}`;
        await appendNewStreams(transaction, [{ stream, event, metadata }]);
        return count;
      });
      return { discardedCount };
    },
  };
}

interface Asked {
  readonly request: RedriveDeadLettersRequest;
  readonly call: GrpcCall;
  readonly metadata: EventMetadata;
}

/** Queues it, or answers what the first call with the same `request_id` was answered. */
async function redrive({ database, sealer }: RedriveMethodsDeps, asked: Asked): Promise<Replay> {
  const { request, call, metadata } = asked;
  const { tenant, keyId } = call.caller;
  const selection = await readSelection(database, request.selection);
  const keptFrom = await findRetentionBoundary(database.pool);
  return await database.kysely.transaction().execute(async (transaction) => {
    const repeatable = {
      tenant,
      method: 'RedriveDeadLetters',
      requestId: request.requestId,
      fingerprint: fingerprintOf(textOf(RedriveDeadLettersRequest.encode(request))),
    };
    if (request.requestId !== '') {
      const first = await claimRequest(transaction, repeatable, sealer);
      if (first !== undefined) return Replay.decode(Buffer.from(first, 'base64'));
    }
    await refuseHopeless(transaction, { tenant, selection, keptFrom });
    const counts = await countRedrivable(
      transaction,
      queryOfSelection(tenant, selection),
      keptFrom,
    );
    const total = counts.reduce((sum, { count }) => sum + count, 0n);
    const replay = queuedRedrive({ request, selection, total, creator: keyId });
    await insertRedrive(transaction, {
      ...replay.row,
      tenant,
      subscriptionIds: counts.map(({ subscription_id }) => subscription_id),
    });
    const data = { count: Number(total), ...selectionSummary(selection) };
    await appendNewStreams(transaction, [
      {
        stream: `dead-letters:${replay.message.id}`,
        event: { type: 'DeadLettersRedriven', data },
        metadata,
      },
    ]);
    if (request.requestId !== '') {
      const text = textOf(Replay.encode(replay.message));
      await keepResponse(transaction, repeatable, { text, sealer });
    }
    return replay.message;
  });
}

interface Selected {
  readonly tenant: string;
  readonly selection: DeadLetterSelection;
}

/** Of those listed by id, each is there. */
async function refuseUnknown(db: Database['kysely'], { tenant, selection }: Selected) {
  const { selection: chosen } = selection;
  const ids = chosen?.$case === 'ids' ? chosen.value.ids : [];
  const found = await findListed(db, { tenant, ids });
  return ids.map((id) => {
    const row = found.get(id);
    if (row === undefined) throw notFound('dead letter', id);
    return row;
  });
}

/** Of those listed by id, each has a subscription to go to and something to send. */
async function refuseHopeless(
  db: Database['kysely'],
  { keptFrom, ...selected }: Selected & { readonly keptFrom: Date | undefined },
): Promise<void> {
  for (const row of await refuseUnknown(db, selected)) {
    if (row.subscription_state === null || row.subscription_state === 'deleted') {
      throw new DomainError(
        'failed_precondition',
        `the subscription of dead letter "${row.delivery_id}" is deleted: there is nobody left to deliver to; discard it`,
      );
    }
    if (keptFrom !== undefined && row.event_recorded_at < keptFrom) {
      throw new DomainError(
        'failed_precondition',
        `the payload of dead letter "${row.delivery_id}" is past the retention time: there is nothing left to deliver; discard it`,
      );
    }
  }
}

function checkPace(pace: number | undefined): void {
  refuseUnless(pace === undefined || (pace >= PACE_MIN && pace <= PACE_MAX), {
    field: 'deliveries_per_second',
    detail: `is ${pace}; it must be ${PACE_MIN} to ${PACE_MAX}, or left out`,
  });
}

function textOf(message: { finish(): Uint8Array }): string {
  return Buffer.from(message.finish()).toString('base64');
}
