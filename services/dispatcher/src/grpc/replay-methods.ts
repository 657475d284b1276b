import {
  CreateReplayRequest,
  type DeliveryServiceService,
  DomainError,
  enumText,
  isId,
  newId,
  Replay,
  ReplayState,
} from '@hookline/contracts';
import { requireRole, type Sealer } from '@hookline/credentials';
import {
  actOnRecord,
  appendNewStreams,
  claimRequest,
  type Database,
  type EventMetadata,
  findRetentionBoundary,
  fingerprintOf,
  keepResponse,
} from '@hookline/event-log';
import {
  type GrpcImplementation,
  metadataOfCall,
  readPageSize,
  readPageToken,
  writePageToken,
} from '@hookline/service-runtime';
import {
  checkFilter,
  refuseFaults,
  type SubscriptionIndex,
  subscriptionNotFound,
} from '@hookline/subscriptions';
import { getFormat } from '@hookline/webhook-formats';
import {
  cancelReplay,
  findReplay,
  insertReplay,
  listReplays,
  measureReplay,
  type NewReplay,
  type ReplayExtent,
} from '../postgres/replays.ts';
import { toReplayMessage } from './replay-message.ts';
import { type ReplayRequest, readReplayRequest } from './replay-request.ts';

export interface ReplayMethodsDeps {
  readonly database: Database;
  readonly index: SubscriptionIndex;
  readonly sealer: Sealer;
  /** Hears that a replay was queued. */
  readonly onQueued: () => void;
}

type ReplayMethods = Pick<
  GrpcImplementation<typeof DeliveryServiceService>,
  'createReplay' | 'getReplay' | 'listReplays' | 'cancelReplay'
>;

/** The methods of DeliveryService on replays, each call within the caller's tenant. */
export function createReplayMethods(deps: ReplayMethodsDeps): ReplayMethods {
  const { database, sealer } = deps;

  async function show(tenant: string, replayId: string): Promise<Replay> {
    const row = isId('rpl', replayId)
      ? await findReplay(database.pool, { tenant, replayId })
      : undefined;
    if (row === undefined) throw new DomainError('not_found', `no replay "${replayId}"`);
    return toReplayMessage(row);
  }

  return {
    async createReplay(request, call) {
      const { caller } = call;
      requireRole(caller, 'editor');
      checkRequestId(request.requestId);
      const keptFrom = await findRetentionBoundary(database.pool);
      const wanted = readReplayRequest(request.replay, { now: new Date(), keptFrom });
      await checkTarget(deps, { tenant: caller.tenant, wanted });
      const replay: NewReplay = {
        ...wanted,
        replayId: newId('rpl'),
        tenant: caller.tenant,
        creator: caller.keyId,
      };
      const metadata = await metadataOfCall(call, { sealer, reason: wanted.description });
      const answered = await create(deps, { replay, request, metadata });
      deps.onQueued();
      return { replay: answered ?? (await show(caller.tenant, replay.replayId)) };
    },

    async getReplay({ id }, { caller }) {
      requireRole(caller, 'viewer');
      return { replay: await show(caller.tenant, id) };
    },

    async listReplays({ pageSize, pageToken, ...question }, { caller }) {
      requireRole(caller, 'viewer');
      const limit = readPageSize(pageSize);
      const [before] = readPageToken(pageToken, question) ?? [];
      const { subscriptionId, states } = question;
      const rows = await listReplays(database.pool, {
        tenant: caller.tenant,
        limit: limit + 1,
        before,
        subscriptionId: subscriptionId === '' ? undefined : subscriptionId,
        states: states.length === 0 ? undefined : states.map(stateText),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const more = rows.length > limit && last !== undefined;
      return {
        replays: page.map(toReplayMessage),
        nextPageToken: more ? writePageToken([last.replay_id], question) : '',
      };
    },

    async cancelReplay({ id }, call) {
      requireRole(call.caller, 'editor');
      const { tenant } = call.caller;
      await show(tenant, id);
      const metadata = await metadataOfCall(call, { sealer });
      const stream = replayStream(id);
      await actOnRecord(database, { stream, metadata }, async (statements) => {
        const result = await cancelReplay(statements, { tenant, replayId: id });
        return { result, event: result ? { type: 'ReplayCancelled', data: {} } : undefined };
      });
      return { replay: await show(tenant, id) };
    },
  };
}

/** Queues it, or answers what the first call with the same `request_id` was answered. */
async function create(
  { database, sealer }: ReplayMethodsDeps,
  {
    replay,
    request,
    metadata,
  }: {
    readonly replay: NewReplay;
    readonly request: CreateReplayRequest;
    readonly metadata: EventMetadata;
  },
): Promise<Replay | undefined> {
  const extent = await measureReplay(database.pool, replay);
  const { requestId } = request;
  return await database.kysely.transaction().execute(async (transaction) => {
    if (requestId === '') {
      await queue(transaction, { ...replay, ...extent }, metadata);
      return undefined;
    }
    const call = {
      tenant: replay.tenant,
      method: 'CreateReplay',
      requestId,
      fingerprint: fingerprintOf(textOf(CreateReplayRequest.encode(request))),
    };
    const first = await claimRequest(transaction, call, sealer);
    if (first !== undefined) return Replay.decode(Buffer.from(first, 'base64'));
    await queue(transaction, { ...replay, ...extent }, metadata);
    const answer = toReplayMessage({ ...queuedRow(replay), total: extent.total });
    await keepResponse(transaction, call, { text: textOf(Replay.encode(answer)), sealer });
    return answer;
  });
}

async function queue(
  transaction: Database['kysely'],
  replay: NewReplay & ReplayExtent,
  metadata: EventMetadata,
): Promise<void> {
  await insertReplay(transaction, replay);
  const { subscriptionId, filter, undeliveredOnly, deliveriesPerSecond } = replay;
  const data = {
    subscriptionId,
    startTime: replay.startAt,
    endTime: replay.endAt,
    undeliveredOnly,
    ...(filter !== undefined && { filter }),
    ...(deliveriesPerSecond !== undefined && { deliveriesPerSecond }),
    totalCount: Number(replay.total),
  };
  const event = { type: 'ReplayCreated', data };
  await appendNewStreams(transaction, [{ stream: replayStream(replay.replayId), event, metadata }]);
}

/** What is done to a replay or redrive goes on record here; that a redrive was made, with its dead letters. */
function replayStream(replayId: string): string {
  return `replay:${replayId}`;
}

function textOf(message: { finish(): Uint8Array }): string {
  return Buffer.from(message.finish()).toString('base64');
}

function queuedRow(replay: NewReplay) {
  return {
    replay_id: replay.replayId,
    tenant: replay.tenant,
    kind: 'events',
    selection: null,
    subscription_id: replay.subscriptionId,
    start_at: replay.startAt,
    end_at: replay.endAt,
    filter: replay.filter === undefined ? null : JSON.stringify(replay.filter),
    undelivered_only: replay.undeliveredOnly,
    description: replay.description,
    deliveries_per_second: replay.deliveriesPerSecond ?? null,
    creator: replay.creator,
    state: 'queued',
    error: '',
    scanned: 0n,
    enqueued: 0n,
    succeeded: 0n,
    waiting: 0n,
    created_at: new Date(),
    began_at: null,
    ended_at: null,
  } as const;
}

/** The subscription is there and not deleted, and its format knows the filter's names. */
async function checkTarget(
  { database, index }: ReplayMethodsDeps,
  { tenant, wanted }: { readonly tenant: string; readonly wanted: ReplayRequest },
): Promise<void> {
  const row = await database.kysely
    .selectFrom('hookline.subscription')
    .select('state')
    .where('tenant', '=', tenant)
    .where('subscription_id', '=', wanted.subscriptionId)
    .executeTakeFirst();
  if (row === undefined) throw subscriptionNotFound();
  if (row.state === 'deleted') {
    throw new DomainError('failed_precondition', 'the subscription is deleted');
  }
  if (wanted.filter === undefined) return;
  await index.refresh();
  const format = getFormat(index.get(wanted.subscriptionId)?.format ?? '');
  const faults = checkFilter(wanted.filter, format);
  if (faults.length > 0) throw refuseFaults(faults, 'replay.events.');
}

function checkRequestId(requestId: string): void {
  if (requestId.length <= 128) return;
  const detail = `has ${requestId.length} characters; at most 128 are taken`;
  throw new DomainError('invalid_argument', `request_id ${detail}`, {
    fields: [{ field: 'request_id', detail }],
  });
}

function stateText(state: ReplayState, index: number): string {
  const text = enumText(ReplayState, 'REPLAY_STATE_', state);
  if (text !== undefined) return text;
  const field = `states[${index}]`;
  const detail = `is ${state}, which is no state of a replay`;
  throw new DomainError('invalid_argument', `${field} ${detail}`, { fields: [{ field, detail }] });
}
