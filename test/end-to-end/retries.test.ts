import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, type ReceivedRequest, type Receiver, startReceiver } from '@hookline/testing';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';

let stack: TenantStack;
let receiver: Receiver;

before(async () => {
  stack = await openTenantStack();
  receiver = await startReceiver();
});

after(async () => {
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
});

async function publish(type: string): Promise<string> {
  const response = await fetch(`${stack.endpoints.ingest}/ingest/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stack.endpoints.publisherKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ type, data: { server_id: 'srv_1' } }),
  });
  const { ids } = (await response.json()) as { ids: [string] };
  return ids[0];
}

async function deliveryOf(eventId: string) {
  const list = await stack.rest(`/v1/deliveries?event_id=${eventId}`);
  const { data } = (await list.json()) as { data: [{ id: string }] };
  const one = await stack.rest(`/v1/deliveries/${data[0]?.id}`);
  return (await one.json()) as {
    id: string;
    state: string;
    attempts: { number: number; http_status: number; outcome: string; started_at: string }[];
  };
}

test("P2, P3: a receiver that answers 500 twice and then 200 gets exactly three attempts of one webhook-id, at its policy's delays, all on record", async () => {
  receiver.respondWith([500, 500, 200]);
  await stack.createWebhook({
    url: receiver.url,
    events: ['server.started'],
    retry: { delays_seconds: [0.5, 1] },
  });
  const eventId = await publish('server.started');
  const [first, second, third] = await receiver.waitFor(3, 15_000);
  assert.ok(first && second && third);
  const waited = (one: ReceivedRequest, other: ReceivedRequest) =>
    other.receivedAt.getTime() - one.receivedAt.getTime();
  assert.ok(waited(first, second) >= 500 && waited(first, second) < 2_500);
  assert.ok(waited(second, third) >= 1_000 && waited(second, third) < 3_000);
  const ids = new Set([first, second, third].map((request) => request.headers['webhook-id']));
  const delivery = await eventually(async () => {
    const found = await deliveryOf(eventId);
    assert.equal(found.state, 'succeeded');
    return found;
  });
  assert.deepEqual([...ids], [delivery.id]);
  assert.deepEqual(
    delivery.attempts.map(({ number, http_status, outcome }) => [number, http_status, outcome]),
    [
      [1, 500, 'http_error'],
      [2, 500, 'http_error'],
      [3, 200, 'succeeded'],
    ],
  );
  await publish('server.started');
  await receiver.waitFor(4, 10_000);
  assert.equal(receiver.received(), 4, 'no fourth attempt came before the next event');
});

test('410 ends the delivery, disables the webhook and leaves a mail; a disabled webhook gets nothing more', async () => {
  receiver.respondWith((request) => (request.path.endsWith('/gone') ? 410 : 200));
  const { id } = await stack.createWebhook({
    url: `${receiver.url}/gone`,
    events: ['server.stopped'],
    notification_emails: ['ops@example.com'],
  });
  await stack.createWebhook({ url: `${receiver.url}/there`, events: ['server.stopped'] });
  await publish('server.stopped');
  await eventually(
    async () => {
      const webhook = (await (await stack.rest(`/v1/webhooks/${id}`)).json()) as { state: string };
      assert.equal(webhook.state, 'disabled');
      const { rows } = await stack.query(
        'SELECT recipients FROM hookline.notification WHERE subscription_id = $1 AND sent_at IS NOT NULL',
        [id],
      );
      assert.deepEqual(rows, [{ recipients: ['ops@example.com'] }]);
    },
    { timeoutMs: 15_000 },
  );
  const before = receiver.requests.filter((request) => request.path.endsWith('/gone')).length;
  await publish('server.stopped');
  await eventually(() => {
    const there = receiver.requests.filter((request) => request.path.endsWith('/there'));
    assert.equal(there.length, 2);
  });
  const after = receiver.requests.filter((request) => request.path.endsWith('/gone')).length;
  assert.deepEqual([before, after], [1, 1]);
});

test('a deleted webhook gets nothing, and a repeated Idempotency-Key repeats the first answer', async () => {
  const body = JSON.stringify({ url: `${receiver.url}/once`, events: ['server.rebooted'] });
  const create = (content = body) =>
    stack.rest('/v1/webhooks', {
      method: 'POST',
      body: content,
      headers: { 'idempotency-key': 'setup-1' },
    });
  const first = (await (await create()).json()) as { id: string; secret: string };
  assert.deepEqual(await (await create()).json(), first);
  assert.match(first.secret, /^whsec_/);
  const other = await create(body.replace('once', 'twice'));
  assert.equal(other.status, 409);

  const removed = await stack.rest(`/v1/webhooks/${first.id}`, { method: 'DELETE' });
  assert.equal(removed.status, 204);
  assert.equal((await stack.rest(`/v1/webhooks/${first.id}`)).status, 404);
  await stack.createWebhook({ url: `${receiver.url}/still`, events: ['server.rebooted'] });
  await publish('server.rebooted');
  await receiver.waitFor((request) => request.path.endsWith('/still'), 10_000);
  assert.ok(!receiver.requests.some((request) => request.path.endsWith('/once')));
});
