import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  type CreateReplayRequest,
  durationToMs,
  type ListEventsRequest,
  Outcome,
  type RedriveDeadLettersRequest,
  type ResubmitRejectedRequest,
  type RotateSecretRequest,
  type UpdateSubscriptionRequest,
} from '@hookline/contracts';
import { startTestConsole } from './test-console.ts';
import {
  DELIVERY_ID,
  EVENT_DATA,
  EVENT_ID,
  MADE_SECRET,
  REPLAY_ID,
  WEBHOOK_ID,
} from './test-services.ts';

let world: Awaited<ReturnType<typeof startTestConsole>>;

before(async () => {
  world = await startTestConsole();
});
after(() => world?.[Symbol.asyncDispose]());
beforeEach(() => {
  world.behind.asked.length = 0;
  world.behind.conflicts = 0;
});

const WEBHOOK = `/v1/webhooks/${WEBHOOK_ID}`;

async function send(method: string, path: string, body?: unknown, headers = {}) {
  const response = await world.request(path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, text, json };
}
const methods = () => world.behind.asked.map(({ method }) => method);
function asked<T>(): T {
  return world.behind.asked.at(-1)?.message as T;
}

test('a patch names what it changes, and merges into what is there', async () => {
  const plain = await send('PATCH', WEBHOOK, { url: 'https://b.example', description: null });
  assert.equal(plain.status, 200, plain.text);
  assert.equal(plain.headers.get('etag'), '"1"');
  assert.equal(plain.json.missed_since, '2026-01-15T10:30:00.000Z');
  assert.deepEqual(methods(), ['update']);
  const { subscription, updateMask } = asked<UpdateSubscriptionRequest>();
  assert.deepEqual(updateMask, ['url', 'description']);
  assert.deepEqual(
    [subscription?.id, subscription?.url, subscription?.description, subscription?.etag],
    [WEBHOOK_ID, 'https://b.example', '', ''],
  );

  await send('PATCH', WEBHOOK, { headers: { 'X-New': '2', 'X-Old': null } });
  assert.deepEqual(methods().slice(1), ['get', 'update']);
  const merged = asked<UpdateSubscriptionRequest>();
  assert.deepEqual(merged.updateMask, ['headers']);
  assert.deepEqual(merged.subscription?.headers, { 'X-New': '2' });
  assert.equal(merged.subscription?.etag, '1', 'on condition that it is what was read');
});

test('If-Match of another version is 412, merge-patch+json is taken, an empty patch changes nothing', async () => {
  const stale = await send('PATCH', WEBHOOK, { events: ['*'] }, { 'if-match': '"stale"' });
  assert.equal(stale.status, 412);
  assert.equal((await send('PATCH', WEBHOOK, {}, { 'if-match': '"7"' })).status, 412);
  assert.equal((await send('PATCH', WEBHOOK, {}, { 'if-match': '"1", "2"' })).status, 400);
  const empty = await send(
    'PATCH',
    WEBHOOK,
    {},
    { 'content-type': 'application/merge-patch+json' },
  );
  assert.equal(empty.status, 200);
  assert.deepEqual(methods(), ['update', 'get', 'get']);
});

test('a merge that somebody else overtakes is made anew, and given up after five times', async () => {
  world.behind.conflicts = 2;
  assert.equal((await send('PATCH', WEBHOOK, { headers: { 'X-New': '2' } })).status, 200);
  assert.deepEqual(methods(), ['get', 'update', 'get', 'update', 'get', 'update']);
  world.behind.conflicts = 100;
  const { status, json } = await send('PATCH', WEBHOOK, { headers: { 'X-New': '2' } });
  assert.deepEqual([status, json.code], [409, 'failed_precondition']);
  assert.equal(methods().length, 6 + 10);
});

test('what a patch cannot change is refused by name', async () => {
  for (const [body, field] of [
    [{ secret: 'a-new-secret' }, 'secret'],
    [{ state: 'paused' }, 'state'],
    [{ url: null }, 'url'],
    [{ events: [] }, 'events'],
    [{ headers: { 'X-A': 1 } }, 'headers.X-A'],
    [{ retry: { preset: 'often' } }, 'retry.preset'],
    [[], ''],
  ] as const) {
    const { status, json } = await send('PATCH', WEBHOOK, body);
    assert.equal(status, 400);
    assert.equal((json.errors as { field: string }[])[0]?.field, field);
  }
  assert.deepEqual(methods(), []);
});

test('pause, resume and ping take no body, an empty one, or {}', async () => {
  const json = { 'content-type': 'application/json' };
  const bare = await world.request(`${WEBHOOK}/pause`, { method: 'POST' });
  assert.equal(bare.status, 200);
  assert.equal(((await bare.json()) as { state: string }).state, 'paused');
  const empty = await world.request(`${WEBHOOK}/resume`, { method: 'POST', headers: json });
  assert.equal(empty.status, 200);
  const ping = await send('POST', `${WEBHOOK}/ping`, {});
  assert.equal(ping.json.delivery_id, DELIVERY_ID);
  assert.equal((ping.json.attempt as { outcome: string }).outcome, 'http_error');
  assert.deepEqual(methods(), ['pause', 'resume', 'ping']);
  const unknown = await send('POST', `${WEBHOOK}/pause`, { reason: 'x' });
  assert.equal(unknown.status, 400);
  assert.equal((await send('POST', `${WEBHOOK}/pause?reason=x`)).status, 400);
});

test('a rotated secret is answered only when Hookline made it', async () => {
  const made = await send('POST', `${WEBHOOK}/rotate-secret`, undefined, {
    'idempotency-key': 'once',
    'if-match': '"1"',
  });
  assert.equal(made.json.secret, MADE_SECRET);
  assert.equal(made.json.overlap_ends_at, '2026-01-15T10:30:00.000Z');
  const { requestId, etag, overlap } = asked<RotateSecretRequest>();
  assert.deepEqual([requestId, etag, overlap], ['once', '1', undefined]);
  const brought = { secret: 'brought-by-hand', overlap_seconds: 1.5 };
  const own = await send('POST', `${WEBHOOK}/rotate-secret`, brought);
  assert.equal('secret' in own.json, false);
  const rotation = asked<RotateSecretRequest>();
  assert.equal(rotation.secret, 'brought-by-hand');
  assert.equal(rotation.overlap && durationToMs(rotation.overlap), 1500);
  assert.equal(
    (await send('POST', `${WEBHOOK}/rotate-secret`, { overlap_seconds: 1e6 })).status,
    400,
  );
});

test('health, event types and a retry have their shapes', async () => {
  const health = await send('GET', `${WEBHOOK}/health`);
  assert.equal(health.status, 200);
  assert.equal(
    (health.json.blocked_lines as { sequence: string }[])[0]?.sequence,
    '00000000000000000007',
  );
  const types = await send('GET', '/v1/event-types?query=boot');
  assert.deepEqual((types.json.data as { example_data: unknown }[])[0]?.example_data, {
    server_id: '1',
  });
  const retry = await send('POST', `/v1/deliveries/${DELIVERY_ID}/retry`);
  assert.deepEqual([retry.status, retry.json.id], [202, DELIVERY_ID]);
});

test('an event is shown as a CloudEvents object, its data as they were published', async () => {
  const one = await send('GET', `/v1/events/${EVENT_ID}`);
  assert.equal(one.status, 200);
  assert.ok(one.text.endsWith(`,"data":${EVENT_DATA}}`), one.text);
  const { data: _, ...attributes } = one.json;
  assert.deepEqual(attributes, {
    specversion: '1.0',
    id: EVENT_ID,
    source: '/hosts/node-1',
    type: 'server.started',
    time: '2026-01-15T10:30:00.000Z',
    subject: 'srv_1',
    phase: 'post',
    status: 'success',
    sequence: '00000000000000000012',
    actor: 'api',
    accepted_at: '2026-01-15T10:30:00.000Z',
  });
  const page = await send(
    'GET',
    '/v1/events?type=server.*&type=user.*&subject=srv_1&status=fail&from=2026-01-01t00:00:00%2B01:00&to=2026-02-01T00:00:00Z&omit_data=true&page_size=3',
  );
  assert.equal(page.status, 200, page.text);
  assert.equal(page.json.next_page_token, 'more');
  assert.equal('data' in ((page.json.data as object[])[0] ?? {}), false);
  const request = asked<ListEventsRequest>();
  assert.deepEqual(request.types, ['server.*', 'user.*']);
  assert.deepEqual(
    [request.subject, request.statuses, request.omitData, request.pageSize],
    ['srv_1', [2], true, 3],
  );
  assert.equal(request.startTime?.toISOString(), '2025-12-31T23:00:00.000Z');
  const wrong = await send('GET', '/v1/events?from=yesterday');
  assert.match(JSON.stringify(wrong.json.errors), /"from","detail":"must be a time as RFC 3339/);
});

test('a replay is begun, read, listed and cancelled', async () => {
  const body = {
    webhook_id: WEBHOOK_ID,
    from: '2026-01-01T00:00:00Z',
    phases: ['pre', 'post'],
    undelivered_only: true,
    deliveries_per_second: 5,
  };
  const created = await send('POST', '/v1/replays', body, { 'idempotency-key': 'r1' });
  assert.equal(created.status, 201, created.text);
  assert.equal(created.headers.get('location'), `/v1/replays/${REPLAY_ID}`);
  assert.deepEqual(created.json.events, ['*']);
  const { replay, requestId } = asked<CreateReplayRequest>();
  assert.equal(requestId, 'r1');
  assert.equal(replay?.deliveriesPerSecond, 5);
  assert.ok(replay?.source?.$case === 'events');
  const { filter, startTime, endTime, undeliveredOnly } = replay.source.value;
  assert.deepEqual(filter?.phases, [1, 2]);
  assert.deepEqual(
    [startTime?.toISOString(), endTime, undeliveredOnly],
    ['2026-01-01T00:00:00.000Z', undefined, true],
  );

  assert.equal((await send('GET', `/v1/replays/${REPLAY_ID}`)).json.kind, 'events');
  assert.equal(
    (await send('GET', `/v1/replays?state=running&webhook_id=${WEBHOOK_ID}`)).status,
    200,
  );
  const cancelled = await send('DELETE', `/v1/replays/${REPLAY_ID}`);
  assert.deepEqual([cancelled.status, cancelled.text], [204, '']);
  assert.equal((await send('POST', '/v1/replays', { from: 'x' })).status, 400);
});

test('dead letters are discarded, rejected messages put in again, incidents listed', async () => {
  const discarded = await send('POST', '/v1/dead-letters/discard', { filter: {}, reason: 'old' });
  assert.deepEqual([discarded.status, discarded.json], [200, { discarded_count: 3 }]);
  for (const body of [{ filter: {} }, { reason: 'old' }, { ids: ['a'], filter: {}, reason: 'x' }]) {
    assert.equal((await send('POST', '/v1/dead-letters/discard', body)).status, 400);
  }
  const rejected = await send('GET', '/v1/rejected?state=open&code=invalid_json&omit_payload=true');
  assert.equal(rejected.status, 200, rejected.text);
  const [message] = rejected.json.data as Record<string, unknown>[];
  assert.deepEqual([message?.payload, message?.payload_encoding], ['/wA=', 'base64']);
  const path = `/v1/rejected/${message?.id}/resubmit`;
  const accepted = await send('POST', path, { payload: '{}', headers: { 'X-A': '1' } });
  assert.deepEqual(
    [accepted.status, accepted.json],
    [202, { event_id: EVENT_ID, position: 7, duplicate: false }],
  );
  assert.deepEqual(asked<ResubmitRejectedRequest>().headers?.headers, { 'X-A': '1' });
  assert.equal((await send('POST', path)).status, 202);
  assert.equal((await send('POST', path, { colour: 1 })).status, 400);
  const incidents = await send('GET', '/v1/incidents?state=open&kind=deliveries_dead');
  assert.equal(incidents.status, 200, incidents.text);
  const [incident] = incidents.json.data as Record<string, unknown>[];
  assert.deepEqual(
    [incident?.cause, incident?.count, incident?.outcome],
    ['timeout', 100_000, 'timeout'],
  );
  assert.equal((await send('GET', '/v1/incidents?kind=colour')).status, 400);
});

test('dead letters are listed, read, and redriven by ids or by a filter', async () => {
  const page = await send('GET', '/v1/dead-letters?state=open&webhook_id=sub_1&outcome=timeout');
  assert.equal(page.status, 200, page.text);
  const one = await send('GET', `/v1/dead-letters/${DELIVERY_ID}`);
  assert.ok(one.text.includes(`"data":${EVENT_DATA}`));
  const redrive = (body: unknown) => send('POST', '/v1/dead-letters/redrive', body);
  const byIds = await redrive({ ids: [DELIVERY_ID] });
  assert.equal(byIds.status, 202, byIds.text);
  assert.deepEqual(byIds.json.ids, [DELIVERY_ID]);
  const byFilter = await redrive({ filter: { webhook_id: WEBHOOK_ID, outcome: ['timeout'] } });
  assert.deepEqual([byFilter.status, byFilter.json.kind], [202, 'dead_letters']);
  const { selection } = asked<RedriveDeadLettersRequest>();
  assert.ok(selection?.selection?.$case === 'filter');
  assert.deepEqual(selection.selection.value.subscriptionIds, [WEBHOOK_ID]);
  assert.deepEqual(selection.selection.value.outcomes, [Outcome.OUTCOME_TIMEOUT]);
  for (const body of [{}, { ids: [] }, { ids: ['a'], filter: {} }, { filter: { colour: 1 } }]) {
    assert.equal((await redrive(body)).status, 400, JSON.stringify(body));
  }
});
