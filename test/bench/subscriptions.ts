import { randomBytes } from 'node:crypto';
import {
  type AcceptedEvent,
  CreateSubscriptionRequest,
  ListSubscriptionsRequest,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { createSealer } from '@hookline/credentials';
import { openDatabase } from '@hookline/event-log';
import { createGrpcClient } from '@hookline/service-runtime';
import { createSubscriptionIndex, type SubscriptionIndex } from '@hookline/subscriptions';
import { median } from './statistics.ts';

/** How subscriptions are created, listed, loaded and matched, with this many of them. */
export interface SubscriptionFigures {
  readonly count: number;
  /** Creations a second over gRPC, 64 under way at once. */
  readonly createsPerSecond: number;
  /** Median of pages of 50, from the first to deep ones. */
  readonly listPageMs: number;
  /** From nothing to an index that knows all of them. */
  readonly indexLoadMs: number;
  /** Median of one event matched against all of them. */
  readonly matchMicroseconds: number;
}

const UNDER_WAY = 64;
const CREATIONS = 2_000;
const PAGE_RUNS = 100;
const MATCH_RUNS = 20_000;

/**
 * Subscriptions of a hosting company: most customers want the events of their own servers, many those
 * of their account by an attribute of the payload, some a type of their own, and a few integrations
 * everything that happens.
 */
function wantedBy(customer: number) {
  const url = `https://customer-${customer}.example.com/hooks`;
  const exact = (name: string, value: string) => ({
    expression: { $case: 'exact' as const, value: { values: { [name]: value } } },
  });
  if (customer % 10_000 === 0) return { url, filter: { types: ['*'] } };
  switch (customer % 10) {
    case 0:
      return { url, filter: { types: [`shop_${customer}.*`] } };
    case 1:
    case 2:
    case 3: {
      const attributes = [exact('data.customer_id', `cus_${customer}`)];
      return { url, filter: { types: ['server.*', 'user.*'], attributes } };
    }
    default:
      return { url, filter: { types: ['server.*'], subjects: [`srv_${customer}`] } };
  }
}

/** Measures on a stack of its own; what a creation over gRPC does not make is copied in Postgres. */
export async function measureSubscriptions(options: {
  readonly postgresUrl: string;
  readonly address: string;
  readonly apiKey: string;
  readonly count: number;
  readonly signal: AbortSignal;
}): Promise<SubscriptionFigures> {
  const { address, apiKey, count, signal } = options;
  const client = createGrpcClient(SubscriptionServiceService, { address });
  await using database = openDatabase({ url: options.postgresUrl });
  try {
    const createsPerSecond = await measureCreations(async (customer) => {
      signal.throwIfAborted();
      const request = CreateSubscriptionRequest.fromPartial({ subscription: wantedBy(customer) });
      await client.createSubscription(request, { apiKey });
    });
    await copyUpTo(database.pool, count);
    signal.throwIfAborted();
    const listPageMs = await measurePages(async (pageToken) => {
      const request = ListSubscriptionsRequest.fromPartial({ pageToken });
      return (await client.listSubscriptions(request, { apiKey })).nextPageToken;
    });
    signal.throwIfAborted();
    // Copies hold sealed values of others; nothing of them is opened by loading and matching.
    const sealer = createSealer(randomBytes(32).toString('base64'));
    const index = createSubscriptionIndex(database, { sealer, reconcileMs: 3_600_000 });
    const startedAt = performance.now();
    await index.refresh();
    const indexLoadMs = performance.now() - startedAt;
    const matchMicroseconds = measureMatches(index, count);
    await index.stop();
    return { count, createsPerSecond, listPageMs, indexLoadMs, matchMicroseconds };
  } finally {
    client.close();
  }
}

async function measureCreations(create: (customer: number) => Promise<void>): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    while (next < CREATIONS) await create(next++);
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, worker));
  return (CREATIONS * 1_000) / (performance.now() - startedAt);
}

/**
 * Rows of the read model like those that were created, with the filters of further customers: a
 * hundred thousand creations would take longer than all that is measured on them.
 */
async function copyUpTo(
  pool: { query(text: string, values: unknown[]): Promise<unknown> },
  count: number,
): Promise<void> {
  await pool.query(
    `WITH patterns AS (
       SELECT row_number() OVER (ORDER BY hook_number) - 1 AS n, document, tenant
       FROM hookline.subscription WHERE state <> 'deleted' ORDER BY hook_number LIMIT $1
     )
     INSERT INTO hookline.subscription (subscription_id, tenant, hook_number, version, epoch, matches_from_epoch,
       state, document, created_at, updated_at)
     SELECT 'sub_' || lpad(c::text, 26, '0'), p.tenant, 1000000 + c, 1, 0, 0, 'active',
       regexp_replace(p.document, '(srv|cus|shop)_[0-9]+', '\\1_' || c, 'g'), now(), now()
     FROM generate_series($1::int, $2::int - 1) AS c JOIN patterns p ON p.n = c % $1::int`,
    [CREATIONS, count],
  );
  await pool.query('ANALYZE hookline.subscription', []);
}

async function measurePages(read: (pageToken: string) => Promise<string>): Promise<number> {
  const durations: number[] = [];
  let pageToken = '';
  for (let run = 0; run < PAGE_RUNS; run += 1) {
    const startedAt = performance.now();
    pageToken = await read(pageToken);
    durations.push(performance.now() - startedAt);
  }
  return median(durations);
}

function measureMatches(index: SubscriptionIndex, count: number): number {
  const durations: number[] = [];
  for (let run = 0; run < MATCH_RUNS * 2; run += 1) {
    const customer = (run * 7_919) % count;
    const event = eventOf(customer);
    const startedAt = performance.now();
    const matched = index.match(event, Number.MAX_SAFE_INTEGER);
    const duration = performance.now() - startedAt;
    if (matched.length === 0) throw new Error(`nobody wants the events of customer ${customer}`);
    // The first half warms up.
    if (run >= MATCH_RUNS) durations.push(duration * 1_000);
  }
  return median(durations);
}

function eventOf(customer: number): AcceptedEvent {
  return {
    id: 'evt_01jz0000000000000000000000',
    tenant: 'default',
    position: 1n,
    source: '/hosts/node-1',
    type: 'server.started',
    time: '2025-01-15T10:30:00Z',
    recordedAt: new Date(0),
    subject: `srv_${customer}`,
    phase: 'post',
    status: 'success',
    sequence: 1n,
    extensions: {},
    data: `{"server_id":"srv_${customer}","customer_id":"cus_${customer}","name":"web-01","status":"running"}`,
  };
}
