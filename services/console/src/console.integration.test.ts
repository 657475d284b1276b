import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  type CreateSubscriptionRequest,
  DomainError,
  durationToMs,
  type ListDeliveriesRequest,
  RetryPreset,
} from '@hookline/contracts';
import { startTestConsole, TEST_KEY } from './test-console.ts';
import { DELIVERY_ID, MADE_SECRET, WEBHOOK_ID } from './test-services.ts';

let world: Awaited<ReturnType<typeof startTestConsole>>;

before(async () => {
  world = await startTestConsole();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.behind.asked.length = 0;
  world.behind.refuse = undefined;
});

const json = { 'content-type': 'application/json' };
const post = (body: unknown, headers: Record<string, string> = {}) =>
  world.request('/v1/webhooks', {
    method: 'POST',
    headers: { ...json, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const minimal = { url: 'https://yourapp.com/webhooks', events: ['server.started'] };
/** The last message that a service was sent. */
function asked<T>(): T {
  const last = world.behind.asked.at(-1);
  assert.ok(last);
  return last.message as T;
}
const created = () => asked<CreateSubscriptionRequest>().subscription;

interface ListJson {
  readonly data: readonly {
    readonly id: string;
    readonly last_attempt?: { readonly http_status: number };
  }[];
  readonly next_page_token: string | null;
}
const list = async (path: string) => (await (await world.request(path)).json()) as ListJson;

interface ProblemJson {
  readonly type: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly detail: string }[];
  readonly request_id: string;
}

async function problem(response: Response): Promise<ProblemJson> {
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const body = (await response.json()) as ProblemJson;
  assert.equal(body.status, response.status);
  assert.ok(body.request_id);
  return body;
}

// The request as CDHosting's page shows it, byte for byte.
const CDHOSTING_REQUEST = `{
"url": "https://yourapp.com/webhooks/cdhosting",
"events": ["server.started", "server.stopped", "server.error"],
"secret": "your_webhook_secret"
}`;

test('the request of CDHosting’s page registers a webhook with its format and retry preset', async () => {
  const response = await post(CDHOSTING_REQUEST);
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('location'), `/v1/webhooks/${WEBHOOK_ID}`);
  assert.match(response.headers.get('hookline-warning') ?? '', /^secret: is shorter/);
  const body = await response.text();
  assert.equal(
    body,
    `{"id":"${WEBHOOK_ID}","url":"https://yourapp.com/webhooks/cdhosting","events":["server.started","server.stopped","server.error"],"format":"cdhosting","state":"active","disabled_reason":null,"retry":{"preset":"cdhosting"},"created_at":"2026-01-15T10:30:00.000Z","updated_at":"2026-01-15T10:30:00.000Z","etag":"1"}`,
  );
  assert.equal(created()?.secret, 'your_webhook_secret');
  assert.equal(created()?.retryPolicy?.preset, RetryPreset.RETRY_PRESET_CDHOSTING);
});

test('a secret is answered only when Hookline made it', async () => {
  const body = (await (await post(minimal)).json()) as { secret?: string };
  assert.equal(body.secret, MADE_SECRET);
});

test('without retry other formats have preset standard, and own delays are taken in seconds', async () => {
  await post({ ...minimal, format: 'standard' });
  assert.equal(created()?.retryPolicy?.preset, RetryPreset.RETRY_PRESET_STANDARD);
  const retry = { delays_seconds: [0.5, 60], jitter: 0.1, attempts_max: 4, disable: true };
  const body = (await (await post({ ...minimal, retry })).json()) as { retry: unknown };
  assert.deepEqual(created()?.retryPolicy?.delays.map(durationToMs), [500, 60_000]);
  assert.deepEqual(body.retry, retry);
  await post({ ...minimal, retry: { attempts_max: 6 } });
  assert.equal(created()?.retryPolicy?.preset, RetryPreset.RETRY_PRESET_CDHOSTING);
  assert.equal(created()?.retryPolicy?.attemptsMax, 6);
});

test('every further member reaches the subscription and is answered, credentials excepted', async () => {
  const extra = {
    statuses: ['success', 'fail'],
    phases: ['pre', 'post'],
    description: 'the shop',
    headers: { 'X-Shop': '7' },
    options: { signature_header: 'X-Signature' },
    notification_emails: ['ops@example.com'],
  };
  const response = await post({ ...minimal, ...extra, auth: { bearer: { token: 'tok-123' } } });
  const text = await response.text();
  assert.equal(response.status, 201, text);
  const { id: _, ...body } = JSON.parse(text) as Record<string, unknown>;
  for (const [name, value] of Object.entries(extra)) assert.deepEqual(body[name], value, name);
  assert.deepEqual(body.auth, { bearer: { base64: false } });
  assert.doesNotMatch(text, /tok-123/);
  assert.deepEqual(created()?.auth?.method, {
    $case: 'bearer',
    value: { token: 'tok-123', base64: false },
  });
});

test('Idempotency-Key is the request_id, and the trace goes on', async () => {
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  await post(minimal, { 'idempotency-key': 'once', traceparent });
  assert.equal(asked<CreateSubscriptionRequest>().requestId, 'once');
  const { trace = '' } = world.behind.asked.at(-1) ?? {};
  assert.match(trace, new RegExp(`^00-${'1'.repeat(32)}-[0-9a-f]{16}-01$`));
  const tooLong = await problem(await post(minimal, { 'idempotency-key': 'x'.repeat(129) }));
  assert.equal(tooLong.errors[0]?.field, 'Idempotency-Key');
});

test('faults of a body are named by field, and nothing is asked of the service', async () => {
  const cases: [unknown, number, string][] = [
    [{ ...minimal, colour: 'red' }, 400, 'colour'],
    [{ events: ['*'] }, 400, 'url'],
    [{ ...minimal, events: [] }, 400, 'events'],
    [{ ...minimal, events: 'server.started' }, 400, 'events'],
    [{ ...minimal, retry: { preset: 'often' } }, 400, 'retry.preset'],
    [{ ...minimal, retry: { delays: ['1m'] } }, 400, 'retry.delays'],
    [{ ...minimal, secret: 'short' }, 400, 'secret'],
    [{ ...minimal, phases: ['during'] }, 400, 'phases[0]'],
  ];
  for (const [body, status, field] of cases) {
    const response = await post(body);
    assert.equal(response.status, status, field);
    const { errors, code } = await problem(response);
    assert.equal(code, 'invalid_argument');
    assert.equal(errors[0]?.field, field);
  }
  assert.equal((await problem(await post('{"url":'))).status, 400);
  assert.equal((await problem(await post('', { 'content-type': 'application/json' }))).status, 400);
  assert.deepEqual(world.behind.asked, []);
});

test('faults that the service finds carry REST’s field names', async () => {
  world.behind.refuse = new DomainError('invalid_argument', 'subscription.filter.types[0] is bad', {
    fields: [
      { field: 'subscription.filter.types[0]', detail: '">" is no wildcard' },
      { field: 'subscription.retry_policy.delays[1]', detail: 'is too long' },
      { field: 'request_id', detail: 'was used' },
    ],
  });
  const { errors, detail } = await problem(await post(minimal));
  assert.deepEqual(
    errors.map(({ field }) => field),
    ['events[0]', 'retry.delays_seconds[1]', 'Idempotency-Key'],
  );
  assert.match(detail, /^events\[0\]: ">" is no wildcard; retry\.delays_seconds\[1\]/);
});

test('refusals have the contract’s statuses', async () => {
  const cases = [
    ['permission_denied', 403],
    ['not_found', 404],
    ['already_exists', 409],
    ['conflict', 412],
    ['resource_exhausted', 429],
    ['unimplemented', 501],
  ] as const;
  for (const [code, status] of cases) {
    world.behind.refuse = new DomainError(code, 'refused');
    const response = await world.request(`/v1/webhooks/${WEBHOOK_ID}/rotate-secret`, {
      method: 'POST',
      headers: { 'if-match': '"1"' },
    });
    assert.equal((await problem(response)).status, status);
  }
});

test('without a key, and with a wrong one, the answer is 401', async () => {
  for (const authorization of ['', 'Basic abc', `Bearer hk_${'b'.repeat(43)}`]) {
    const response = await world.request('/v1/webhooks', { headers: { authorization } });
    assert.equal(response.status, 401, authorization);
    assert.equal(response.headers.get('www-authenticate'), 'Bearer');
    await problem(response);
  }
});

test('a large body is 413, another content type 415, another method 405', async () => {
  assert.equal((await post({ ...minimal, description: 'x'.repeat(200_000) })).status, 413);
  assert.equal((await post('a=b', { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await world.request('/v1/webhooks', { method: 'PUT' })).status, 405);
  assert.equal((await problem(await world.request('/v1/nothing'))).status, 404);
});

test('webhooks are listed by pages, read and deleted', async () => {
  const page = await list('/v1/webhooks?page_size=1');
  assert.equal(page.next_page_token, 'more');
  assert.equal(page.data[0]?.id, WEBHOOK_ID);
  assert.equal('secret' in (page.data[0] ?? {}), false);
  const last = await list('/v1/webhooks?page_token=more');
  assert.equal(last.next_page_token, null);
  assert.equal((await world.request('/v1/webhooks?page_size=1001')).status, 400);
  assert.equal((await world.request('/v1/webhooks?colour=red')).status, 400);

  const one = await world.request(`/v1/webhooks/${WEBHOOK_ID}`);
  assert.equal(one.headers.get('etag'), '"1"');
  assert.equal(one.headers.get('cache-control'), 'no-store');
  const removed = await world.request(`/v1/webhooks/${WEBHOOK_ID}`, {
    method: 'DELETE',
    headers: { 'if-match': '"1"' },
  });
  assert.equal(removed.status, 204);
  assert.deepEqual(world.behind.asked.at(-1)?.message, { id: WEBHOOK_ID, etag: '1' });
});

test('deliveries are listed by state, with their last attempt where it is asked for', async () => {
  const plain = {
    id: DELIVERY_ID,
    event_id: 'evt_1',
    webhook_id: WEBHOOK_ID,
    type: 'server.started',
    state: 'scheduled',
    attempts_count: 1,
    next_attempt_at: '2026-01-15T10:31:01.000Z',
    created_at: '2026-01-15T10:30:00.000Z',
  };
  const listed = await list('/v1/deliveries?state=scheduled&state=dead');
  assert.deepEqual(listed, { data: [plain], next_page_token: null });
  assert.deepEqual(asked<ListDeliveriesRequest>().states, [2, 4]);
  const included = await list('/v1/deliveries?include=last_attempt');
  assert.equal(included.data[0]?.last_attempt?.http_status, 500);

  const ofWebhook = await world.request(`/v1/webhooks/${WEBHOOK_ID}/deliveries?state=dead`);
  assert.equal(ofWebhook.status, 200);
  assert.equal(asked<ListDeliveriesRequest>().subscriptionId, WEBHOOK_ID);
  assert.equal((await world.request('/v1/webhooks/sub_unknown/deliveries')).status, 404);
  assert.equal((await world.request('/v1/deliveries?state=lost')).status, 400);
  assert.equal((await world.request('/v1/deliveries?from=yesterday')).status, 400);
});

test('a delivery alone has its attempts, a body that is no text in base64', async () => {
  const response = await world.request(`/v1/deliveries/${DELIVERY_ID}`);
  const delivery = (await response.json()) as { attempts: unknown };
  assert.deepEqual(delivery.attempts, [
    {
      id: 'att_1',
      number: 1,
      started_at: '2026-01-15T10:30:01.000Z',
      duration_ms: 12.5,
      url: 'https://a.example/',
      outcome: 'http_error',
      http_status: 500,
      response_body: '/wA=',
      response_body_encoding: 'base64',
      error: 'the receiver answered 500',
      trace_id: '0'.repeat(32),
      replay_id: null,
    },
  ]);
});

test('a service that is away answers 503 with Retry-After and without its address', async () => {
  await using away = await startTestConsole();
  await away.stopServices();
  const response = await fetch(`${away.url}/v1/webhooks`, {
    headers: { authorization: `Bearer ${TEST_KEY}` },
  });
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '2');
  const { detail } = await problem(response);
  assert.doesNotMatch(detail, /127\.0\.0\.1/);
});
