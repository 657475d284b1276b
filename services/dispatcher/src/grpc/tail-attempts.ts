import {
  Attempt,
  checkTypePattern,
  compileTypePattern,
  DomainError,
  type FieldViolation,
  isId,
  type Outcome,
  subjects,
  type TailAttemptsRequest,
  TailAttemptsResponse,
} from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import { askAll, listen, type Nats } from '@hookline/messaging';
import type { GrpcCall } from '@hookline/service-runtime';
import { subscriptionNotFound } from '@hookline/subscriptions';
import { createTailBuffer, type TailItem } from '../domain/tail-buffer.ts';
import { TAIL_HEARD_FOR_MS } from '../live-attempts.ts';
import { countLiving } from '../postgres/presence.ts';

export interface TailDeps {
  readonly database: Database;
  readonly nats: Nats;
}

/** Attempts that wait for one reader; what comes beyond is dropped, and the reader told how many. */
const BUFFERED_MAX = 1_000;
/** Tails of one dispatcher; one more is refused. */
const TAILS_MAX = 100;
const HEARTBEAT_MS = 30_000;
/** Tails say that they are there often enough that one lost message does no harm. */
const ANNOUNCE_MS = TAIL_HEARD_FOR_MS / 3;
/** How long the beginning waits for every living dispatcher to have heard of it. */
const HEARD_WITHIN_MS = 1_000;
const FILTERS_MAX = 100;

/** Streams the attempts of a tenant as they end, from every dispatcher; nothing of the time before. */
export function createTailAttempts({ database, nats }: TailDeps) {
  let tails = 0;

  return async function* tailAttempts(
    request: TailAttemptsRequest,
    { caller, signal }: GrpcCall,
  ): AsyncGenerator<TailAttemptsResponse> {
    requireRole(caller, 'viewer');
    const { tenant } = caller;
    const takes = readFilter(request);
    await checkSubscriptions(database, { tenant, ids: request.subscriptionIds });
    if (tails >= TAILS_MAX) {
      throw new DomainError('resource_exhausted', `${TAILS_MAX} tails are open already; end one`);
    }
    tails += 1;
    const buffer = createTailBuffer<Attempt>(BUFFERED_MAX);
    const bell = createBell();
    const wanted = request.subscriptionIds.length === 0 ? ['*'] : new Set(request.subscriptionIds);
    const listening = [...wanted].map((id) =>
      listen(nats, subjects.attempts(tenant, id), {
        data(bytes) {
          const attempt = Attempt.decode(bytes);
          if (!takes(attempt)) return;
          buffer.add(attempt);
          bell.ring();
        },
        gap() {
          buffer.addGap();
          bell.ring();
        },
      }),
    );
    const announce = (dispatchers: number) =>
      askAll(nats, subjects.tails, {
        text: tenant,
        wanted: dispatchers,
        timeoutMs: HEARD_WITHIN_MS,
      });
    const announcing = setInterval(() => void announce(1), ANNOUNCE_MS);
    try {
      await announce(await countLiving(database.pool));
      yield heartbeat();
      while (!signal.aborted) {
        const next = buffer.take();
        if (next !== undefined) yield toResponse(next);
        else if (!(await bell.rings(signal, HEARTBEAT_MS))) yield heartbeat();
      }
    } finally {
      clearInterval(announcing);
      for (const each of listening) each.stop();
      tails -= 1;
    }
  };
}

/** Lets one waiter sleep until something happens. */
function createBell() {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    /** False when nothing rang in that time, or the signal came. */
    async rings(signal: AbortSignal, timeoutMs: number): Promise<boolean> {
      const silence = Promise.withResolvers<void>();
      let rang = false;
      const timer = setTimeout(silence.resolve, timeoutMs);
      const stop = () => silence.resolve();
      signal.addEventListener('abort', stop);
      const ringing = rung.promise.then(() => {
        rang = true;
      });
      await Promise.race([ringing, silence.promise]);
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      if (rang) rung = Promise.withResolvers<void>();
      return rang || signal.aborted;
    },
  };
}

function toResponse(next: TailItem<Attempt>): TailAttemptsResponse {
  if (next.kind === 'item') return { item: { $case: 'attempt', value: next.item } };
  return { item: { $case: 'gap', value: { droppedCount: BigInt(next.dropped) } } };
}

function heartbeat(): TailAttemptsResponse {
  return TailAttemptsResponse.fromPartial({ item: { $case: 'heartbeat', value: {} } });
}

function readFilter(request: TailAttemptsRequest): (attempt: Attempt) => boolean {
  const { subscriptionIds, eventTypes, outcomes } = request;
  const faults: FieldViolation[] = [
    ...tooMany('subscription_ids', subscriptionIds),
    ...tooMany('event_types', eventTypes),
    ...eventTypes.flatMap((pattern, index) => {
      const detail = checkTypePattern(pattern);
      return detail === undefined ? [] : [{ field: `event_types[${index}]`, detail }];
    }),
    ...outcomes.flatMap((outcome: Outcome, index) =>
      outcome > 0 ? [] : [{ field: `outcomes[${index}]`, detail: `is ${outcome}, which is none` }],
    ),
  ];
  const [first] = faults;
  if (first !== undefined) {
    const options = { fields: faults };
    throw new DomainError('invalid_argument', `${first.field} ${first.detail}`, options);
  }
  const patterns = eventTypes.map(compileTypePattern);
  const isOfType = (type: string) =>
    patterns.length === 0 || patterns.some((matches) => matches(type));
  return ({ eventType, outcome }) =>
    isOfType(eventType) && (outcomes.length === 0 || outcomes.includes(outcome));
}

function tooMany(field: string, list: readonly unknown[]): FieldViolation[] {
  if (list.length <= FILTERS_MAX) return [];
  return [{ field, detail: `has ${list.length} entries; at most ${FILTERS_MAX} are taken` }];
}

/** Every subscription named is one of the tenant's. */
async function checkSubscriptions(
  { kysely }: Database,
  { tenant, ids }: { readonly tenant: string; readonly ids: readonly string[] },
): Promise<void> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return;
  if (!wanted.every((id) => isId('sub', id))) throw subscriptionNotFound();
  const found = await kysely
    .selectFrom('hookline.subscription')
    .select('subscription_id')
    .where('tenant', '=', tenant)
    .where('subscription_id', 'in', wanted)
    .execute();
  if (found.length < wanted.length) throw subscriptionNotFound();
}
