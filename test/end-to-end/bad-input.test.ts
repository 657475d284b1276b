import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateSubscriptionRequest,
  readFieldViolations,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { headers, type NatsConnection } from 'nats';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';

interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
}

let stack: TenantStack;
let receiver: Receiver;
let agent: NatsConnection;
/** Where the agent publishes, before the type. */
let subjects: string;

before(async () => {
  stack = await openTenantStack();
  receiver = await startReceiver();
  agent = await stack.connectAgent();
  subjects = `hv.${stack.endpoints.tenant}.node-1`;
  await stack.createWebhook({ url: receiver.url, events: ['*'] });
});

after(async () => {
  await agent?.close();
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
});

test('bad messages of an agent are kept as rejected, each with its reason, and their neighbours arrive', async () => {
  const good = (n: number) => `{"server_id":"srv_${n}"}`;
  const event = (type: string) =>
    `{"specversion":"1.0","id":"e1","source":"/panel","type":"${type}","data":{}}`;
  const bad: [code: RegExp, subject: string, payload: string, sent?: Record<string, string>][] = [
    [/json/, 'server.started', 'hello'],
    [/object/, 'server.started', '[1,2]'],
    [/nul/, 'server.started', '{"name":"a\\u0000b"}'],
    [/nul|json/, 'server.started', '{"name":"a\u0000b"}'],
    [/type/, 'server.started', event('server.stopped')],
    [/large/, 'server.started', `{"pad":"${'x'.repeat(256 * 1024)}"}`],
    [/reserved/, 'hookline.ping', '{}'],
    [/type/, 'Server.Started', '{}'],
    [/phase/, 'server.started', '{}', { 'Hookline-Phase': 'during' }],
    [/status/, 'server.started', '{}', { 'Hookline-Status': 'maybe' }],
    [/time/, 'server.started', '{}', { 'Hookline-Time': 'yesterday' }],
    [/confirm/, 'server.started', '{}', { 'Hookline-Confirm-To': '_INBOX_other_node-1.x' }],
    [
      /confirm/,
      'server.started',
      '{}',
      { 'Hookline-Confirm-To': `${stack.endpoints.natsInboxPrefix}.*` },
    ],
  ];
  let published = 0;
  for (const [, subject, payload, sent] of bad) {
    agent.publish(`${subjects}.server.rebooted`, good(published++));
    const withHeaders = headers();
    for (const [name, value] of Object.entries(sent ?? {})) withHeaders.set(name, value);
    agent.publish(`${subjects}.${subject}`, payload, { headers: withHeaders });
  }
  agent.publish(`${subjects}.server.rebooted`, good(published++));

  await receiver.waitFor(published, 15_000);
  const { rows } = await eventually(async () => {
    const found = await stack.query(
      'SELECT code, reason, tenant, host, payload_bytes, octet_length(payload) AS kept FROM hookline.rejected WHERE tenant = $1 ORDER BY received_at, rejected_id',
      [stack.endpoints.tenant],
    );
    assert.equal(found.rows.length, bad.length);
    return found;
  });
  for (const [code] of bad) {
    assert.ok(
      rows.some((row) => code.test(String(row.code))),
      `${code} among ${rows.map((row) => row.code)}`,
    );
  }
  assert.ok(
    rows.every((row) => String(row.reason).length > 20 && row.tenant === stack.endpoints.tenant),
  );
  assert.ok(rows.every((row) => Number(row.kept) <= 256 * 1024));
  assert.equal(receiver.received(), published);
});

test('a rejected message is answered too, so that a spool never hangs', async () => {
  const inbox = `${stack.endpoints.natsInboxPrefix}.answers`;
  const answers = agent.subscribe(inbox, { max: 1 });
  const sent = headers();
  sent.set('Nats-Msg-Id', 'broken-1');
  sent.set('Hookline-Confirm-To', inbox);
  agent.publish(`${subjects}.server.started`, 'no json', { headers: sent });
  for await (const answer of answers) {
    const { source_id, rejected } = answer.json<{
      source_id: string;
      rejected: { code: string; reason: string };
    }>();
    assert.equal(source_id, 'broken-1');
    assert.equal(rejected.code, 'not_json');
    assert.ok(rejected.reason.length > 10);
  }
});

test('P6: webhooks that may not be are refused over REST, each fault with its field and what would be right', async () => {
  const cases: [body: unknown, field: string, detail: RegExp][] = [
    [{ url: 'http://10.0.0.7/x', events: ['*'] }, 'url', /HOOKLINE_ALLOW_SUBNETS/],
    [{ url: 'https://169.254.169.254/latest', events: ['*'] }, 'url', /HOOKLINE_ALLOW_SUBNETS/],
    [{ url: 'http://93.184.215.14/x', events: ['*'] }, 'url', /HOOKLINE_ALLOW_HTTP/],
    [{ url: 'https://user:secret@example.com/', events: ['*'] }, 'url', /./],
    [{ url: 'ftp://example.com/', events: ['*'] }, 'url', /https/],
    [{ url: receiver.url, events: ['server.>'] }, 'events[0]', /\*/],
    [{ url: receiver.url, events: [] }, 'events', /./],
    [{ url: receiver.url }, 'events', /./],
    [{ url: receiver.url, events: ['*'], format: 'carrier-pigeon' }, 'format', /standard/],
    [{ url: receiver.url, events: ['*'], secret: 'short' }, 'secret', /8/],
    [{ url: receiver.url, events: ['*'], colour: 'red' }, 'colour', /./],
  ];
  for (const [body, field, detail] of cases) {
    const response = await stack.rest('/v1/webhooks', {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const problem = (await response.json()) as Problem;
    const shown = `${JSON.stringify(body)} → ${JSON.stringify(problem)}`;
    assert.equal(response.status, 400, shown);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, shown);
    const fault = problem.errors?.find((entry) => entry.field === field);
    assert.match(fault?.detail ?? '', detail, shown);
    assert.ok(!JSON.stringify(problem).includes('secret@'), shown);
  }
});

test('P5: without a key, with a wrong one and with a publisher key there are the right refusals', async () => {
  const url = `${stack.endpoints.http}/v1/webhooks`;
  const status = async (key?: string) => {
    const response = await fetch(url, key ? { headers: { authorization: `Bearer ${key}` } } : {});
    return response.status;
  };
  assert.equal(await status(), 401);
  assert.equal(await status('hk_wrong'), 401);
  assert.equal(await status(stack.endpoints.publisherKey), 403);
  assert.equal(await status(stack.endpoints.apiKey), 200);
  const unknown = await stack.rest('/v1/webhooks/sub_00000000000000000000000000');
  assert.equal(unknown.status, 404);
});

test('the same faults over gRPC are INVALID_ARGUMENT with BadRequest details', async () => {
  const client = createGrpcClient(SubscriptionServiceService, {
    address: stack.endpoints.grpc.subscriptions,
  });
  try {
    await assert.rejects(
      client.createSubscription(
        CreateSubscriptionRequest.fromPartial({
          subscription: { url: 'https://10.1.2.3/', format: 'pigeon', filter: { types: [] } },
        }),
        { apiKey: stack.endpoints.apiKey },
      ),
      (error: Error & { code?: number }) => {
        assert.equal(error.code, 3);
        const fields = readFieldViolations(error).map((violation) => violation.field);
        for (const field of ['url', 'format', 'types']) {
          assert.ok(
            fields.some((name) => name.includes(field)),
            `${field} among ${fields}`,
          );
        }
        return true;
      },
    );
  } finally {
    client.close();
  }
});

test('bad publishes over HTTP are refused with problem+json, and the gateway goes on', async () => {
  const post = (body: string, type = 'application/json', key = stack.endpoints.publisherKey) =>
    fetch(`${stack.endpoints.ingest}/ingest/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': type },
      body,
    });
  const cases: [number, Promise<Response>][] = [
    [400, post('{')],
    [400, post('{"data":{}}')],
    [400, post('{"type":"server.started","data":{},"colour":1}')],
    [400, post('{"type":"hookline.ping","data":{}}')],
    [400, post('{"type":"server.started","data":{"a":"\\u0000"}}')],
    [400, post('{"type":"server.started","data":{},"time":"soon"}')],
    [413, post(`{"type":"server.started","data":"${'x'.repeat(1024 * 1024)}"}`)],
    [415, post('type=server.started', 'application/x-www-form-urlencoded')],
    [401, post('{"type":"server.started","data":{}}', 'application/json', 'hk_no')],
  ];
  for (const [expected, answered] of cases) {
    const response = await answered;
    const text = await response.text();
    assert.equal(response.status, expected, text);
    assert.equal((JSON.parse(text) as Problem).status, expected);
  }
  const good = await post('{"type":"server.started","data":{"server_id":"srv_ok"}}');
  assert.equal(good.status, 202);
});
