import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type CollectedSpan,
  eventually,
  type OtlpCollector,
  type ReceivedRequest,
  type Receiver,
  startOtlpCollector,
  startReceiver,
  startSmtpServer,
  type TestSmtpServer,
} from '@hookline/testing';

import { headers } from 'nats';
import { findPromtool, runPromtool } from '../support/promtool.ts';
import {
  dashboardExpressions,
  definedIn,
  deployFolder,
  metricsIn,
} from '../support/shown-metrics.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { faultsOf, reachableFrom } from '../support/trace-picture.ts';
import { listed, passTime, post } from './put-right.ts';

let stack: TestStack;
let receiver: Receiver;
let smtp: TestSmtpServer;
let collector: OtlpCollector;

before(async () => {
  smtp = await startSmtpServer();
  collector = await startOtlpCollector();
  stack = await startTestStack({
    HOOKLINE_SMTP_URL: smtp.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    // Of publishers without a trace none; a failure and a dead letter are recorded all the same.
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
  });
  receiver = await startReceiver();
});

after(async () => {
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
  await smtp?.[Symbol.asyncDispose]();
  await collector?.stop();
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

const idsOf = (rows: readonly Record<string, unknown>[]) => rows.map(({ id }) => id).sort();

test("CDHosting's rule: five attempts on its schedule, then the webhook is disabled and one mail says so; enabled again, a redrive delivers every dead letter (P1)", async () => {
  let isUp = false;
  receiver.respondWith(({ path }) => (path.endsWith('/shop') && !isUp ? 500 : 200));
  const { id } = await stack.createWebhook({
    url: `${receiver.url}/shop`,
    events: ['server.error'],
    description: 'the shop',
    notification_emails: ['shop@example.com'],
  });
  const events: string[] = [];
  for (let count = 0; count < 3; count += 1) events.push(await publish('server.error'));
  for (const [index, expected] of [60, 300, 1_800, 7_200].entries()) {
    const wait = { webhookId: id, attempt: index + 1, deliveries: events.length };
    for (const seconds of await passTime(stack, wait)) {
      assert.ok(Math.abs(seconds - expected) < 5, `${seconds} s after attempt ${index + 1}`);
    }
  }
  const isMail = (mail: string) => mail.includes('To: shop@example.com');
  const mail = await eventually(
    () => {
      const found = smtp.mails.find(isMail);
      assert.ok(found);
      return found;
    },
    { timeoutMs: 30_000 },
  );
  assert.match(mail, /Subject: Webhook disabled: the shop/);
  const text = mail.replaceAll(/=\n/g, '').replaceAll('=3D', '=');
  assert.ok(text.includes(id) && text.includes(`/v1/webhooks/${id}/resume`), text);
  assert.match(text, /Last error: +\S.*500/);
  const webhook = (await (await stack.rest(`/v1/webhooks/${id}`)).json()) as { state: string };
  assert.equal(webhook.state, 'disabled');
  await eventually(
    async () => {
      const incidents = await listed(stack, `/v1/incidents?webhook_id=${id}`);
      const dead = await listed(stack, `/v1/dead-letters?webhook_id=${id}`);
      const found = incidents.map(({ kind, cause, count }) => [kind, cause, count]);
      assert.deepEqual(found, [['subscription_disabled', 'http_500', dead.length]]);
    },
    { timeoutMs: 30_000 },
  );

  // Those that had not died by then waited while it was disabled, and go out with the rest.
  const dead = await listed(stack, `/v1/dead-letters?webhook_id=${id}`);
  isUp = true;
  assert.equal((await post(stack, `/v1/webhooks/${id}/resume`)).status, 200);
  const redrive = await post(stack, '/v1/dead-letters/redrive', { filter: { webhook_id: id } });
  assert.equal(redrive.status, 202, redrive.text);
  const audit = await listed(stack, `/v1/audit?target_id=${redrive.json.id}`);
  assert.deepEqual(
    audit.map(({ action }) => action),
    ['dead_letters.redriven'],
  );
  await eventually(
    async () => {
      const path = `/v1/dead-letters?webhook_id=${id}`;
      const delivered = await listed(stack, `${path}&state=delivered`);
      assert.deepEqual(idsOf(delivered), idsOf(dead));
      assert.equal(delivered[0]?.replay_id, redrive.json.id);
      const succeeded = await listed(stack, `/v1/webhooks/${id}/deliveries?state=succeeded`);
      assert.deepEqual(succeeded.map(({ event_id }) => event_id).sort(), [...events].sort());
      assert.deepEqual(await listed(stack, path), []);
      const job = await stack.rest(`/v1/replays/${redrive.json.id}`);
      const { state, progress } = (await job.json()) as Record<string, unknown>;
      assert.equal(state, 'completed');
      assert.equal((progress as Record<string, unknown>).succeeded_count, dead.length);
      assert.deepEqual(await listed(stack, `/v1/incidents?webhook_id=${id}`), []);
    },
    { timeoutMs: 30_000 },
  );
  assert.equal(smtp.mails.filter(isMail).length, 1);
});

test('rejected ingest, corrected over REST, is delivered with its original time, once (P1)', async () => {
  receiver.respondWith(() => 200);
  await stack.createWebhook({
    url: `${receiver.url}/mended`,
    events: ['server.renamed'],
    format: 'standard',
  });
  const agent = await stack.connectAgent();
  await agent.request('hv.default.node-1.server.renamed', Buffer.from('{"server_id":"srv_nats"'), {
    timeout: 10_000,
  });
  await agent.close();
  const refused = await fetch(`${stack.endpoints.ingest}/ingest/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stack.endpoints.publisherKey}`,
      'content-type': 'application/json',
    },
    body: '{"type":"server.renamed"}',
  });
  assert.equal(refused.status, 400);
  const payloads = {
    nats: '{"server_id":"srv_nats"}',
    http: '{"type":"server.renamed","data":{"server_id":"srv_http"}}',
  };
  const rejected = await eventually(
    async () => {
      const found = await listed(stack, '/v1/rejected');
      assert.deepEqual(found.map(({ channel }) => channel).sort(), ['http', 'nats']);
      return found;
    },
    { timeoutMs: 30_000 },
  );
  for (const { id, channel, received_at: receivedAt } of rejected) {
    const path = `/v1/rejected/${id}/resubmit`;
    const asItIs = await post(stack, path);
    assert.deepEqual([asItIs.status, asItIs.json.code], [400, 'invalid_argument'], asItIs.text);
    const payload = payloads[channel as keyof typeof payloads];
    const accepted = await post(stack, path, { payload });
    assert.equal(accepted.status, 202, accepted.text);
    const again = await post(stack, path, { payload });
    assert.deepEqual([again.status, again.json.code], [409, 'failed_precondition'], again.text);
    const request = await receiver.waitFor(
      ({ path: sent, body }) => sent.endsWith('/mended') && body.includes(`srv_${channel}`),
      20_000,
    );
    const { timestamp } = JSON.parse(request.body.toString()) as { timestamp: string };
    assert.equal(new Date(timestamp).getTime(), new Date(receivedAt as string).getTime());
    const audit = await listed(stack, `/v1/audit?target_id=${id}`);
    assert.deepEqual(
      audit.map(({ action }) => action),
      ['rejected_message.resubmitted'],
    );
  }
  assert.equal(receiver.requests.filter(({ path }) => path.endsWith('/mended')).length, 2);
});

/** Publishes as an agent whose own span is `2…2` of trace `1…1`, sampled. */
async function publishTraced(type: string, trace: string): Promise<void> {
  const agent = await stack.connectAgent();
  try {
    const envelope = headers();
    envelope.set('traceparent', `00-${trace}-${'2'.repeat(16)}-01`);
    envelope.set('baggage', 'customer=secret-42');
    agent.publish(`hv.default.node-1.${type}`, '{"server_id":"srv_9"}', { headers: envelope });
    await agent.flush();
  } finally {
    await agent.close();
  }
}

const numberOf = (span: CollectedSpan) => span.attributes['hookline.attempt.number'];

test('P3 an event delivered at the third attempt is one connected picture, from the agent to the receiver', async () => {
  const trace = '1'.repeat(32);
  receiver.respondWith([500, 500, 200]);
  const before = receiver.received();
  await stack.createWebhook({
    url: `${receiver.url}/traced?key=hidden-in-url`,
    events: ['server.paused'],
    retry: { delays_seconds: [0.3, 0.3] },
  });
  await publishTraced('server.paused', trace);
  await receiver.waitFor(before + 3, 20_000);
  const requests = receiver.requests.slice(before);
  const spans = await eventually(
    () => {
      const found = collector.spans.filter(({ traceId }) => traceId === trace);
      assert.equal(found.filter(({ name }) => name === 'POST').length, 3);
      assert.ok(found.some(({ name }) => name === 'process events.batch'));
      return found;
    },
    { timeoutMs: 20_000 },
  );
  const named = (name: string) => spans.filter((span) => span.name === name);
  const attempts = named('POST').sort((a, b) => Number(numberOf(a)) - Number(numberOf(b)));
  // The receiver was told of the very span, sampled, and of nothing that the publisher carried along.
  assert.deepEqual(
    requests.map((request) => request.headers.traceparent),
    attempts.map(({ spanId }) => `00-${trace}-${spanId}-01`),
  );
  assert.ok(requests.every((request) => request.headers.baggage === undefined));
  const last = attempts[2] as CollectedSpan;
  const reached = [...reachableFrom(last, spans)].map(({ name }) => name).sort();
  assert.deepEqual(reached, [
    ...['INSERT hookline.event_log', 'POST', 'POST', 'POST'],
    ...['process events.batch', 'process hv.{tenant}.{host}.{type}', 'send events.batch'],
  ]);
  const [ingest] = named('process hv.{tenant}.{host}.{type}');
  assert.equal(ingest?.parentSpanId, '2'.repeat(16), 'below the span of the agent');
  const services = new Set(spans.map(({ service }) => service));
  assert.deepEqual([...services].sort(), ['dispatcher', 'producer-gateway']);
  assert.deepEqual(
    attempts.map((span) => [
      numberOf(span),
      span.isError,
      span.attributes['error.type'],
      span.events,
    ]),
    [
      [1, true, '500', ['connected', 'first byte']],
      [2, true, '500', ['connected', 'first byte']],
      [3, false, undefined, ['connected', 'first byte']],
    ],
  );
  assert.deepEqual(spans.flatMap(faultsOf), []);
  assert.ok(!JSON.stringify(spans).includes('hidden-in-url'));
});

test('what fails is recorded although its trace is not sampled, and leads to the mail about it', async () => {
  receiver.respondWith((request) => (request.path.endsWith('/closed') ? 410 : 200));
  await stack.createWebhook({
    url: `${receiver.url}/closed`,
    events: ['server.resumed'],
    notification_emails: ['ops@example.com'],
  });
  const eventId = await publish('server.resumed');
  const mail = await eventually(
    () => {
      const attempt = collector.spans.find(
        (span) => span.attributes['hookline.event.id'] === eventId,
      );
      const found = collector.spans.find(
        ({ name, traceId }) => name === 'send mail' && traceId === attempt?.traceId,
      );
      assert.ok(found);
      return found;
    },
    { timeoutMs: 20_000 },
  );
  const reached = [...reachableFrom(mail, collector.spans)].map(({ name }) => name);
  for (const name of ['process dlq.dead', 'send dlq.dead', 'POST', 'process events.batch']) {
    assert.ok(reached.includes(name), `${name} of ${reached}`);
  }
  const { attempts } = (await deliveryOf(eventId)) as unknown as {
    attempts: { trace_id: string }[];
  };
  assert.equal(attempts[0]?.trace_id, mail.traceId, 'the API tells the trace of every attempt');
});

test('a call of REST is followed into the service behind it', async () => {
  const trace = '3'.repeat(32);
  const traceparent = `00-${trace}-${'4'.repeat(16)}-01`;
  await stack.rest('/v1/webhooks', { headers: { traceparent } });
  const method = 'hookline.v1.SubscriptionService/ListSubscriptions';
  const spans = await eventually(
    () => {
      const found = collector.spans.filter(({ traceId }) => traceId === trace);
      assert.equal(found.length, 3);
      return found;
    },
    { timeoutMs: 20_000 },
  );
  const server = spans.find(({ kind, name }) => kind === 'server' && name === method);
  const client = spans.find(({ kind }) => kind === 'client');
  const rest = spans.find(({ name }) => name === 'GET /v1/webhooks');
  assert.deepEqual(
    [server?.parentSpanId, client?.parentSpanId, rest?.parentSpanId],
    [client?.spanId, rest?.spanId, '4'.repeat(16)],
  );
  assert.deepEqual(spans.flatMap(faultsOf), []);
});

test('with the collector away nothing else fails or slows', async () => {
  collector.behave('hang');
  receiver.respondWith(200);
  await stack.createWebhook({ url: `${receiver.url}/unseen`, events: ['server.cloned'] });
  for (let count = 0; count < 20; count += 1) await publishTraced('server.cloned', '5'.repeat(32));
  const arrived = () => receiver.requests.filter(({ path }) => path.endsWith('/unseen')).length;
  await eventually(() => assert.equal(arrived(), 20), { timeoutMs: 20_000 });
  assert.equal((await stack.rest('/v1/webhooks')).status, 200);
  collector.behave('accept');
});

/** What each of the five services shows. */
async function readMetrics(): Promise<string[]> {
  const offset = Number(new URL(stack.endpoints.http).port) - 8080;
  const ports = [9101, 9102, 9103, 9104, 9105].map((port) => port + offset);
  return await Promise.all(
    ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
  );
}

test('dashboards and alerts name only metrics that exist, and OTLP carries the same ones', async () => {
  const texts = await readMetrics();
  const defined = new Set(texts.flatMap((text) => [...definedIn(text)]));
  const rules = await readFile(join(deployFolder, 'prometheus', 'rules', 'hookline.yml'), 'utf8');
  const alerts = [...rules.matchAll(/expr: (.*)$/gm)].map(([, expression = '']) => ({
    ...{ file: 'hookline.yml', expression },
  }));
  const shown = [...(await dashboardExpressions()), ...alerts];
  assert.ok(shown.length > 50 && alerts.length > 10);
  const unknown = shown.flatMap(({ file, expression }) =>
    metricsIn(expression).flatMap((name) => (defined.has(name) ? [] : [`${file}: ${name}`])),
  );
  assert.deepEqual(unknown, []);
  const names = texts.flatMap((text) => text.match(/(?<=^# TYPE )\S+/gm) ?? []);
  await eventually(
    () =>
      assert.deepEqual(
        names.filter((name) => !collector.metricNames.has(name)),
        [],
      ),
    { timeoutMs: 20_000 },
  );
});

test('promtool finds no fault in the metrics of any service', async (t) => {
  const promtool = await findPromtool();
  if ('missing' in promtool) return t.skip(promtool.missing);
  for (const text of await readMetrics()) {
    const { output } = await runPromtool(promtool.path, ['check', 'metrics'], text);
    assert.equal(output, '');
  }
});
