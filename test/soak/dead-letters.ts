/**
 * 50,000 dead letters of 20 endpoints, with the monitor killed (SIGKILL) and the stream DEAD_LETTERS
 * deleted while they come, and the dispatcher killed in the middle of the redrive of all of them:
 * 20 incidents, at most 20 mails, nothing lost. `node test/soak/dead-letters.ts`, two to four minutes.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  deliveryId,
  IngestServiceService,
  NewEvent,
  PublishEventsRequest,
} from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually, startReceiver, startSmtpServer } from '@hookline/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { isBack, kill, seconds } from '../crash/scenario.ts';
import { listed, post } from '../end-to-end/put-right.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const ENDPOINTS = 20;
const EVENTS = 2_500;
const LIMIT_MS = 240_000;
const PAGES = 100;
const DEAD = '/v1/incidents?kind=deliveries_dead';

test('P1, P3: 50,000 dead letters are 20 incidents and 20 mails, list fast, and are all redriven', async (t) => {
  await using smtp = await startSmtpServer();
  await using stack = await startTestStack({ HOOKLINE_SMTP_URL: smtp.url });
  const ids = new Set<string>();
  const receiver = await startReceiver({
    respond({ headers }) {
      ids.add(String(headers['webhook-id']));
      return 200;
    },
  });
  try {
    const events = await publish(stack);
    const webhooks: string[] = [];
    for (let number = 0; number < ENDPOINTS; number += 1) {
      const made = await stack.createWebhook({
        url: `${receiver.url}/${number}`,
        events: ['server.renamed'],
        format: 'standard',
        retry: { preset: 'none' },
        notification_emails: [`owner-${number}@example.com`],
      });
      webhooks.push(made.id);
    }
    const total = ENDPOINTS * EVENTS;
    const { pid } = await kill(stack, 'dead-letter-monitor');
    const startedAt = performance.now();
    await insertDead(stack, webhooks, events.slice(0, EVENTS / 2));
    await isBack(stack, 'dead-letter-monitor', pid);
    await eventually(async () => assert.ok((await count(stack, 'handled_at IS NOT NULL')) > 0), {
      timeoutMs: LIMIT_MS,
    });
    const second = await kill(stack, 'dead-letter-monitor');
    await deleteStream(stack);
    await insertDead(stack, webhooks, events.slice(EVENTS / 2));
    await isBack(stack, 'dead-letter-monitor', second.pid);
    await eventually(
      async () => assert.equal(await count(stack, 'handled_at IS NOT NULL'), total),
      { timeoutMs: LIMIT_MS },
    );
    t.diagnostic(`${total} handled in ${seconds(performance.now() - startedAt)}, kills included`);
    await eventually(() => assert.equal(smtp.mails.length, ENDPOINTS), { timeoutMs: LIMIT_MS });
    const incidents = await listed(stack, DEAD);
    assert.equal(incidents.length, ENDPOINTS);
    assert.ok(incidents.every((incident) => incident.count === EVENTS));
    // It is read by a consumer of its own, in no order with the dead letters.
    await eventually(
      async () => {
        const advisories = await listed(stack, '/v1/incidents?kind=broker_advisory');
        assert.match(String(advisories[0]?.summary), /DEAD_LETTERS was deleted/);
      },
      { timeoutMs: 60_000 },
    );

    t.diagnostic(
      await timePages(stack, 'pages of 50 dead letters', '/v1/dead-letters?page_size=50'),
    );
    t.diagnostic(
      await timePages(stack, 'of one webhook', `/v1/dead-letters?webhook_id=${webhooks[0]}`),
    );
    t.diagnostic(await timePages(stack, 'pages of 20 incidents', '/v1/incidents'));

    const redriveAt = performance.now();
    const redrive = await post(stack, '/v1/dead-letters/redrive', { filter: {} });
    assert.equal(redrive.status, 202, redrive.text);
    t.diagnostic(`a redrive of all is queued in ${(performance.now() - redriveAt).toFixed(0)} ms`);
    await receiver.waitFor(total / 4, LIMIT_MS);
    const dispatcher = await kill(stack, 'dispatcher');
    await isBack(stack, 'dispatcher', dispatcher.pid);
    const again = await untilDelivered(stack, total);
    const took = performance.now() - redriveAt;
    assert.equal(ids.size, total);
    const repeats = receiver.received() - total;
    t.diagnostic(
      `redriven in ${seconds(took)}, ${Math.round((total / took) * 1_000)}/s with a kill in the middle; ${repeats} came twice, ${again} failed and were redriven again`,
    );
    await eventually(async () => assert.equal((await listed(stack, DEAD)).length, 0), {
      timeoutMs: LIMIT_MS,
    });
    assert.equal(smtp.mails.length, ENDPOINTS);
  } finally {
    await receiver.stop();
  }
});

/** Accepts events before anybody subscribes to them; their ids. */
async function publish(stack: TestStack): Promise<string[]> {
  const client = createGrpcClient(IngestServiceService, { address: stack.endpoints.grpc.ingest });
  try {
    for (let first = 0; first < EVENTS; first += 500) {
      const events = Array.from({ length: 500 }, (_, index) =>
        NewEvent.fromPartial({
          source: '/soak',
          id: `soak-${first + index}`,
          type: 'server.renamed',
          subject: `srv_${index}`,
          data: JSON.stringify({ server_id: `srv_${index}`, name: 'web', name_before: 'old' }),
        }),
      );
      const request = PublishEventsRequest.fromPartial({ events });
      await client.publishEvents(request, { apiKey: stack.endpoints.publisherKey });
    }
  } finally {
    client.close();
  }
  await eventually(
    async () => {
      const { rows } = await stack.query('SELECT FROM hookline.outbox');
      assert.equal(rows.length, 0);
    },
    { timeoutMs: LIMIT_MS },
  );
  const { rows } = await stack.query(
    `SELECT event_id FROM hookline.event_log WHERE kind = 'server' AND type = 'server.renamed' ORDER BY position`,
  );
  return rows.map(({ event_id }) => event_id as string);
}

/** Dead letters as dispatchers leave them, half an hour old: so many real ones would take hours of breakers. */
async function insertDead(
  stack: TestStack,
  webhooks: readonly string[],
  events: readonly string[],
): Promise<void> {
  for (const webhook of webhooks) {
    await stack.query(
      `INSERT INTO hookline.dead_letter (delivery_id, subscription_id, tenant, event_id, event_type,
         event_recorded_at, line, sequence, attempts_count, cause, error, first_attempt_at, died_at)
       SELECT u.delivery_id, $1, e.tenant, e.event_id, e.type, e.recorded_at, e.stream, e.version, 1, 'timeout',
         'no answer within 15 s', now() - interval '31 minutes', now() - interval '30 minutes'
       FROM unnest($2::text[], $3::text[]) AS u(event_id, delivery_id)
       JOIN hookline.event_log e ON e.kind = 'server' AND e.event_id = u.event_id`,
      [webhook, events, events.map((event) => deliveryId(event, webhook))],
    );
  }
}

async function count(stack: TestStack, condition: string): Promise<number> {
  const { rows } = await stack.query(
    `SELECT count(*)::int AS count FROM hookline.dead_letter WHERE ${condition}`,
  );
  return rows[0]?.count as number;
}

/**
 * Waits until every dead letter is delivered. On a machine that is too slow an attempt may run into its
 * timeout, and is a dead letter again: that one is redriven as well. How many there were.
 */
async function untilDelivered(stack: TestStack, total: number): Promise<number> {
  let again = 0;
  await eventually(
    async () => {
      const [redriving = 0, open = 0, delivered] = await Promise.all(
        ['redriving', 'open', 'delivered'].map((state) => count(stack, `state = '${state}'`)),
      );
      const { rows } = await stack.query(
        "SELECT FROM hookline.replay WHERE state IN ('queued', 'running')",
      );
      if (redriving === 0 && rows.length === 0 && open > 0) {
        again += open;
        await post(stack, '/v1/dead-letters/redrive', { filter: {} });
      }
      assert.deepEqual({ redriving, open, delivered }, { redriving: 0, open: 0, delivered: total });
    },
    { timeoutMs: LIMIT_MS, intervalMs: 500 },
  );
  return again;
}

async function deleteStream(stack: TestStack): Promise<void> {
  const creds = readFileSync(join(stack.dataDir, 'nats', 'services.creds'));
  const connection = await connect({
    servers: stack.endpoints.nats,
    authenticator: credsAuthenticator(creds),
  });
  await (await jetstreamManager(connection)).streams.delete('DEAD_LETTERS');
  await connection.close();
}

/** Reads pages one after the other, over REST. */
async function timePages(stack: TestStack, what: string, path: string): Promise<string> {
  const times: number[] = [];
  let token: string | null = '';
  for (let page = 0; page < PAGES; page += 1) {
    const at = performance.now();
    const joined = `${path}${path.includes('?') ? '&' : '?'}page_token=${token ?? ''}`;
    const response = await stack.rest(joined);
    const body = (await response.json()) as { next_page_token: string | null };
    assert.equal(response.status, 200);
    times.push(performance.now() - at);
    token = body.next_page_token;
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)]?.toFixed(1);
  return `${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}
