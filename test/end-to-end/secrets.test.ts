import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let receiver: Receiver;

before(async () => {
  stack = await startTestStack({ HOOKLINE_LOG_LEVEL: 'trace' });
  receiver = await startReceiver({
    respond: ({ path }) =>
      path.includes('broken') ? { kind: 'respond', status: 500, body: 'it is broken' } : 200,
  });
});
after(async () => {
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
});

/** Everything that was answered besides the answers that show a new secret. */
const shown: string[] = [];

async function send(method: string, path: string, body?: unknown, headers = {}) {
  const response = await stack.rest(`/v1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (text === '' ? {} : JSON.parse(text)) as { id: string; secret?: string };
  if (json.secret === undefined) shown.push(text);
  return { status: response.status, json, text };
}

/** A webhook with everything secret that one can have, used in every way, and what was secret in it. */
async function useWebhook(
  url: string,
  auth: {
    readonly first: object;
    readonly second: object;
    readonly credentials: readonly string[];
  },
): Promise<string[]> {
  const wanted = { url, events: ['secrets.used'], retry: { preset: 'none' } };
  const made = await send(
    'POST',
    '/webhooks',
    { ...wanted, format: 'standard', options: { signing: 'ed25519' }, auth: auth.first },
    { 'idempotency-key': `made-for-${url}` },
  );
  assert.equal(made.status, 201, made.text);
  const path = `/webhooks/${made.json.id}`;
  const rotated = await send(
    'POST',
    `${path}/rotate-secret`,
    { overlap_seconds: 3600 },
    { 'idempotency-key': `rotated-for-${url}` },
  );
  const brought = `brought-by-the-owner-of-${url.length}`;
  await send('POST', `${path}/rotate-secret`, { overlap_seconds: 3600, secret: brought });
  const patched = await send('PATCH', path, { auth: auth.second, description: 'patched' });
  assert.equal(patched.status, 200, patched.text);
  // Refusals speak of what is wrong with a credential, and not of the credential.
  const refused = await send('PATCH', path, { auth: auth.second, format: 'no such format' });
  assert.equal(refused.status, 400);
  const short = await send('POST', `${path}/rotate-secret`, { secret: `${brought}\u0000` });
  assert.equal(short.status, 400);
  assert.equal((await send('POST', `${path}/ping`)).status, 200);
  await send('GET', `${path}/health`);
  await send('GET', path);
  return [made.json.secret, rotated.json.secret, brought, ...auth.credentials] as string[];
}

async function dump(): Promise<string> {
  const { rows: tables } = await stack.query(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'hookline'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await stack.query(`SELECT t::text AS row FROM ${name} t`);
    texts.push(...rows.map(({ row }) => String(row)));
  }
  return texts.join('\n');
}

function logs(): string {
  const folder = join(stack.dataDir, 'log');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

test('P5 no secret of a webhook is in clear in a table, a log of any process, an attempt, a list or a refusal', async () => {
  const secrets = [
    ...(await useWebhook(receiver.url, {
      first: { bearer: { token: 'the-first-bearer-token' } },
      second: { basic: { username: 'someone', password: 'the-basic-password' } },
      credentials: ['the-first-bearer-token', 'the-basic-password'],
    })),
    ...(await useWebhook(`${receiver.url}/broken`, {
      first: { header: { name: 'X-Key', value: 'the-value-of-a-header' } },
      second: { bearer: { token: 'the-second-bearer-token' } },
      credentials: ['the-value-of-a-header', 'the-second-bearer-token'],
    })),
    stack.endpoints.apiKey,
    stack.endpoints.publisherKey,
  ];
  const basic = Buffer.from('someone:the-basic-password').toString('base64');
  const published = await fetch(`${stack.endpoints.ingest}/ingest/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stack.endpoints.publisherKey}`,
      'content-type': 'application/json',
    },
    body: '{"type":"secrets.used","data":{}}',
  });
  assert.equal(published.status, 202);
  await eventually(
    async () => {
      const { rows } = await stack.query('SELECT count(*)::int AS n FROM hookline.attempt_log');
      assert.equal(rows[0]?.n, 4, 'two pings and two deliveries');
    },
    { timeoutMs: 10_000 },
  );
  // What the receiver got proves that the secrets were used: signed by three, and authenticated.
  const [request] = receiver.requests.filter(({ path }) => !path.includes('broken')).slice(-1);
  const signatures = String(request?.headers['webhook-signature']).split(' ');
  assert.equal(signatures.filter((each) => each.startsWith('v1,')).length, 3);
  assert.ok(signatures.some((each) => each.startsWith('v1a,')));
  assert.equal(request?.headers.authorization, `Basic ${basic}`);

  for (const path of ['/webhooks', '/deliveries?include=last_attempt', '/dead-letters', '/keys']) {
    assert.equal((await send('GET', path)).status, 200, path);
  }
  assert.equal((await send('GET', '/audit?page_size=1000')).status, 200);
  const places = { shown: shown.join('\n'), stored: await dump(), logged: logs() };
  assert.match(places.shown, /it is broken/, 'what a receiver answers is shown');
  assert.match(places.logged, /secret of a subscription rotated/);
  for (const [where, text] of Object.entries(places)) {
    for (const secret of [...secrets, basic]) {
      assert.ok(secret.length > 14 && !text.includes(secret), `${where}: ${secret.slice(0, 12)}…`);
    }
    // Private keys and secrets that nobody was shown, by what they begin with.
    assert.doesNotMatch(text, /whs(ec|k)_[A-Za-z0-9+/]{20}/, where);
  }
});
