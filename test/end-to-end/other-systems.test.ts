/** What other systems send comes in over HTTP and goes out to receivers as they know it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type AcceptedEvent, eventTypes, exampleEventData } from '@hookline/contracts';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { getFormat } from '@hookline/webhook-formats';
import { openSharedStack } from '../support/shared-stack.ts';
import type { TestStack } from '../support/stack.ts';

let stack: TestStack;
let receiver: Receiver;

before(async () => {
  stack = await openSharedStack();
  receiver = await startReceiver();
});

after(async () => {
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
});

/** Posts to an ingest route with the publisher key; the ids of the answer. */
async function ingest(
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { ingest: url, publisherKey } = stack.endpoints;
  const response = await fetch(`${url}/ingest/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${publisherKey}`,
      'content-type': 'application/json',
      ...headers,
    },
    body,
  });
  const answer = await response.text();
  assert.equal(response.status, 202, answer);
  return (JSON.parse(answer) as { ids: string[] }).ids;
}

/** Waits until that many webhooks came to a path; what came, by the id of the event. */
async function arrivedAt(path: string, count: number) {
  const at = () => receiver.requests.filter((request) => request.path === `/webhooks${path}`);
  await receiver.waitFor(() => at().length >= count, 20_000);
  assert.equal(at().length, count);
  return new Map(at().map((request) => [String(request.headers['hookline-event-id']), request]));
}

const example = (type: string): AcceptedEvent => {
  const data = exampleEventData(type) ?? {};
  return {
    id: 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7',
    tenant: 'default',
    type,
    source: '/hosts/node-1',
    time: '2025-01-15T10:30:00Z',
    ...(typeof data.server_id === 'string' && { subject: data.server_id }),
    phase: 'post',
    status: 'success',
    extensions: {},
    data: JSON.stringify(data),
    position: 1n,
    sequence: 1n,
    recordedAt: new Date(),
  };
};

const virtfusionTarget = {
  subscriptionId: 'sub_1',
  hookId: 12,
  options: {},
  secrets: [],
  controlDomain: 'cp.example.com',
  controlName: 'Example Cloud',
  controlSupportLink: 'https://example.com/support',
};

/** A body of VirtFusion but for the number of the hook, which is each installation's own. */
function withoutHook(body: string): object {
  const { hookId: _, ...rest } = JSON.parse(body);
  return rest;
}

describe('round trips', () => {
  test('every event of VirtFusion comes in and goes out to catch.all as it came', async () => {
    const { controlDomain, controlName, controlSupportLink } = virtfusionTarget;
    await stack.query(
      `UPDATE hookline.tenant SET control_domain = $1, control_name = $2, control_support_link = $3,
         updated_at = now() WHERE name = 'default'`,
      [controlDomain, controlName, controlSupportLink],
    );
    await stack.createWebhook({
      url: `${receiver.url}/all?shop=7`,
      events: ['1000'],
      format: 'virtfusion',
      statuses: ['success', 'fail'],
    });
    const sent = new Map<string, { readonly body: string; readonly number: string }>();
    for (const { type, virtfusion } of eventTypes) {
      const webhook =
        virtfusion && getFormat('virtfusion')?.render(example(type), virtfusionTarget);
      if (!webhook) continue;
      const { body, headers } = webhook;
      const [id] = await ingest('virtfusion', body, headers);
      sent.set(String(id), { body, number: String(JSON.parse(body).hookEventId) });
    }
    const numbers = [...sent.values()].map(({ number }) => Number(number)).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: 31 }, (_, index) => index + 1).filter((number) => number !== 24),
    );
    const arrived = await arrivedAt('/all?shop=7', sent.size);
    for (const [id, { body, number }] of sent) {
      const request = arrived.get(id);
      assert.ok(request, number);
      assert.equal(request.headers['x-virtfusion-hook-event'], number);
      assert.deepEqual(withoutHook(request.body.toString()), withoutHook(body));
    }
  });

  test("every type of CDHosting's goes in under its name and comes out with its data to the byte", async () => {
    const secret = 'your_webhook_secret';
    const types = eventTypes.flatMap(({ type, cdhosting }) => (cdhosting === type ? [type] : []));
    assert.equal(types.length, 9);
    await stack.createWebhook({ url: `${receiver.url}/cdhosting`, events: types, secret });
    const sent = new Map<string, { readonly type: string; readonly data: string }>();
    for (const type of types) {
      const data = JSON.stringify(exampleEventData(type));
      const [id] = await ingest('events', `{"type":"${type}","data":${data}}`);
      sent.set(String(id), { type, data });
    }
    const arrived = await arrivedAt('/cdhosting', types.length);
    for (const [id, { type, data }] of sent) {
      const body = arrived.get(id)?.body.toString() ?? '';
      assert.equal(JSON.parse(body).type, type);
      assert.ok(body.endsWith(`,"data":${data}}`), body);
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      assert.equal(arrived.get(id)?.headers['x-webhook-signature'], signature);
    }
  });

  test("Xen Orchestra's URL with nothing but a query is shown as given, and the query is sent", async () => {
    const url = 'https://my-domain.net?action=vm.start';
    const { id } = await stack.createWebhook({
      url,
      events: ['vm.start'],
      format: 'xen-orchestra',
    });
    const shown = (await (await stack.rest(`/v1/webhooks/${id}`)).json()) as { url: string };
    assert.equal(shown.url, url);
    const list = (await (await stack.rest('/v1/webhooks')).json()) as {
      data: { id: string; url: string }[];
    };
    assert.equal(list.data.find((webhook) => webhook.id === id)?.url, url);
    const patch = JSON.stringify({ description: 'the same place' });
    const patched = await stack.rest(`/v1/webhooks/${id}`, { method: 'PATCH', body: patch });
    assert.equal(((await patched.json()) as { url: string }).url, url);
    await stack.rest(`/v1/webhooks/${id}`, { method: 'DELETE' });

    const bare = `http://127.0.0.1:${receiver.port}?action=vm.start`;
    const webhook = await stack.createWebhook({
      url: bare,
      events: ['vm.start'],
      format: 'xen-orchestra',
    });
    const call =
      '{"type":"post","callId":"a1","method":"vm.start","params":{"id":"67aac198"},"timestamp":1736937000000,"duration":5,"result":true}';
    const [event] = await ingest(`xen-orchestra/${stack.endpoints.publisherKey}`, call, {
      authorization: '',
    });
    const request = await receiver.waitFor(
      ({ headers }) => headers['hookline-subscription-id'] === webhook.id,
    );
    assert.equal(request.headers['hookline-event-id'], event);
    assert.equal(request.path, '/?action=vm.start');
    assert.equal(request.body.toString(), call);
    const delivery = `/v1/deliveries/${request.headers['webhook-id']}`;
    await eventually(async () => {
      const { attempts } = (await (await stack.rest(delivery)).json()) as {
        attempts: { url: string }[];
      };
      assert.deepEqual(
        attempts.map((attempt) => attempt.url),
        [bare],
      );
    });
    await stack.rest(`/v1/webhooks/${webhook.id}`, { method: 'DELETE' });
  });
});

/** The commands of a guide, as they are pasted one after another, against this stack and this receiver. */
async function follow(guide: string): Promise<string> {
  const page = await readFile(new URL(`../../docs/migrate/${guide}.md`, import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands);
  assert.ok(blocks.length >= 4, 'the guide has commands');
  const script = blocks
    .join('\n')
    .replaceAll('./.hookline/', `${stack.dataDir}/`)
    .replaceAll('http://127.0.0.1:9000', `http://127.0.0.1:${receiver.port}`);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script]);
  return stdout;
}

describe('guides, every command of which is run', () => {
  test('from VirtFusion', async () => {
    const printed = await follow('virtfusion');
    assert.ok(printed.includes(`${stack.endpoints.ingest}/ingest/virtfusion\n`));
    const { headers, body } = await receiver.waitFor(({ path }) => path === '/virtfusion?shop=7');
    assert.deepEqual(
      [headers['x-virtfusion-event'], headers['x-virtfusion-hook-event']],
      ['server.boot', '7'],
    );
    const token = Buffer.from('token-of-the-receiver').toString('base64');
    assert.equal(headers.authorization, `Bearer ${token}`);
    assert.deepEqual(JSON.parse(body.toString()).data, {
      server: { id: 42, name: 'web-01' },
      errors: [],
    });
  });

  test('from Xen Orchestra', async () => {
    const { publisherKey, ingest: url } = stack.endpoints;
    const printed = await follow('xen-orchestra');
    assert.ok(printed.includes(`${url}/ingest/xen-orchestra/${publisherKey}\n`));
    const at = () => receiver.requests.filter(({ path }) => path === '/xo?action=vm.start');
    await receiver.waitFor(() => at().length === 2);
    const calls = at().map(({ body }) => JSON.parse(body.toString()));
    assert.deepEqual(calls.map(({ type, callId }) => `${callId} ${type}`).sort(), [
      'k2j9x1 post',
      'k2j9x1 pre',
    ]);
  });

  test('from CDHosting', async () => {
    const seen = receiver.received();
    await follow('cdhosting');
    const webhooks = () =>
      receiver.requests.slice(seen).filter(({ path }) => path === '/webhooks/cdhosting');
    await receiver.waitFor(() =>
      ['server.started', 'server.error'].every((type) =>
        webhooks().some(({ body }) => JSON.parse(body.toString()).type === type),
      ),
    );
    for (const { headers, body } of webhooks()) {
      const good = createHmac('sha256', 'your_webhook_secret').update(body).digest('hex');
      assert.equal(headers['x-webhook-signature'], good);
    }
  });
});

test('P5 a key in a path is in no log of the stack', async () => {
  const { ingest: url } = stack.endpoints;
  const wrong = `hk_${'q'.repeat(43)}`;
  for (const path of ['xen-orchestra', 'nowhere', 'events/more']) {
    await fetch(`${url}/ingest/${path}/${wrong}`, { method: 'POST', body: '{}' });
  }
  const { stdout } = await promisify(execFile)('grep', [
    '-rlE',
    `${wrong}|${stack.endpoints.publisherKey}`,
    `${stack.dataDir}/log`,
  ]).catch((error: { code?: number; stdout: string }) => {
    assert.equal(error.code, 1, 'grep found nothing');
    return error;
  });
  assert.equal(stdout, '');
});
