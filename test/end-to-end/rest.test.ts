import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@hookline/contracts';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { createRandom } from '../support/random.ts';
import { createRandomRequests, type OpenApiDocument } from '../support/random-request.ts';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';

interface Listed {
  readonly data: readonly { readonly id: string; readonly type?: string }[];
  readonly next_page_token: string | null;
}

let stack: TenantStack;
let receiver: Receiver;
let webhook: string;

before(async () => {
  stack = await openTenantStack();
  receiver = await startReceiver();
  const created = await stack.createWebhook({ url: receiver.url, events: ['server.*'] });
  webhook = created.id;
});
after(async () => {
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
});

async function publish(type: string, data: string): Promise<string> {
  const response = await fetch(`${stack.endpoints.ingest}/ingest/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stack.endpoints.publisherKey}`,
      'content-type': 'application/json',
    },
    body: `{"type":"${type}","data":${data}}`,
  });
  assert.equal(response.status, 202);
  const { ids } = (await response.json()) as { ids: string[] };
  return ids[0] as string;
}
const list = async (path: string) => (await (await stack.rest(path)).json()) as Listed;

test('an event that was published is read and found over REST, and so is its delivery', async () => {
  const data = '{"server_id":"srv_rest","size": 1e2}';
  const id = await publish('server.started', data);
  await publish('user.created', '{"id":"usr_1"}');
  await receiver.waitFor(1, 10_000);
  const one = await stack.rest(`/v1/events/${id}`);
  const text = await one.text();
  assert.equal(one.status, 200, text);
  assert.ok(text.endsWith(`"data":${data}}`), text);
  assert.ok(one.headers.get('ratelimit-policy')?.startsWith('"key";q=100000'));

  const ids = async (query: string) => (await list(`/v1/events?${query}`)).data.map((e) => e.id);
  assert.deepEqual(await ids('type=server.*&subject=srv_rest'), [id]);
  assert.equal((await ids('')).length, 2);
  assert.deepEqual(await ids('subject=nobody'), []);
  const page = await list('/v1/events?page_size=1');
  assert.ok(page.next_page_token !== null);
  const next = await list(`/v1/events?page_size=1&page_token=${page.next_page_token}`);
  assert.deepEqual(
    next.data.map((event) => event.id),
    [id],
  );

  await eventually(async () => {
    const { data: found } = await list(`/v1/webhooks/${webhook}/deliveries?state=succeeded`);
    assert.equal(found.length, 1);
  });
  assert.equal((await stack.rest('/v1/event-types?query=server.started')).status, 200);
  assert.equal((await stack.rest('/v1/dead-letters')).status, 200);
  assert.equal((await stack.rest(`/v1/events/${newId('evt')}`)).status, 404);
});

test('no request whatever makes a fault of ours: random ones are answered, or refused with a problem', async (t) => {
  const seed = Number(process.env.HOOKLINE_FUZZ_SEED ?? 1);
  const count = Number(process.env.HOOKLINE_FUZZ_CASES ?? 500);
  t.diagnostic(`seed ${seed}, ${count} requests`);
  const document = (await (await stack.rest('/v1/openapi.json')).json()) as OpenApiDocument;
  const { data: deliveries } = await list('/v1/deliveries');
  const { data: events } = await list('/v1/events');
  const known = [webhook, deliveries[0]?.id, events[0]?.id].filter((id) => id !== undefined);
  const ids = [...known, newId('sub'), newId('dlv'), newId('evt'), newId('rpl')];
  const next = createRandomRequests(document, createRandom(seed), ids);
  const statuses = new Map<number, number>();
  for (let index = 0; index < count; index += 1) {
    const { method, path, headers, body } = next();
    const response = await stack.rest(path, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const shown = `case ${index}: ${method} ${path} ${JSON.stringify(headers)} ${body?.slice(0, 500)} → ${response.status} ${text}`;
    assert.ok(response.status < 500 || response.status === 501, shown);
    if (response.status >= 400) {
      assert.match(
        response.headers.get('content-type') ?? '',
        /^application\/problem\+json/,
        shown,
      );
      assert.equal((JSON.parse(text) as { status: number }).status, response.status, shown);
    }
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  }
  t.diagnostic(JSON.stringify(Object.fromEntries([...statuses].sort())));
  assert.ok((statuses.get(400) ?? 0) > count / 10 && (statuses.get(404) ?? 0) > 0);
  assert.ok((statuses.get(200) ?? 0) > 0, 'some requests are right');
});
