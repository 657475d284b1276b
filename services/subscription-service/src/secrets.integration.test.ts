import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inspect, promisify } from 'node:util';
import {
  AgentCredential,
  ApiKey,
  CreateSubscriptionRequest,
  Filter,
  ListAgentCredentialsRequest,
  ListApiKeysRequest,
  ListAuditRequest,
  ListSubscriptionsRequest,
  Role,
  Subscription,
} from '@hookline/contracts';
import { createSealer, openTenantSealer } from '@hookline/credentials';
import { createSubscriptionStore, type SubscriptionStore } from '@hookline/subscriptions';
import { createLogger } from '@hookline/telemetry';
import { startTestNats, type TestNats } from '@hookline/testing';
import { rekey } from './postgres/rekey.ts';
import { masterKey, refusalOf, startTestService, type TestService } from './test-service.ts';

const newKey = randomBytes(32).toString('base64');
const lines: string[] = [];

let running: TestService;
let nats: TestNats;
let owned: AsyncDisposableStack;

before(async () => {
  owned = new AsyncDisposableStack();
  nats = owned.use(await startTestNats());
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'subscription-service', level: 'trace', destination });
  running = owned.use(await startTestService({ nats, logger }));
});

after(() => owned.disposeAsync());

const subscription = (secret: string) =>
  CreateSubscriptionRequest.fromPartial({
    subscription: {
      ...Subscription.create(),
      url: 'https://receiver.example.com/',
      filter: { ...Filter.create(), types: ['server.started'] },
      secret,
      auth: {
        method: { $case: 'bearer', value: { token: 'token-for-the-receiver', base64: false } },
      },
      notificationEmails: ['personal@example.com'],
    },
    requestId: `request-${secret.length}`,
  });

const asAnOlderVersionMadeIt: Parameters<SubscriptionStore['create']>[0] = {
  tenant: 'default',
  actor: 'test',
  settings: {
    url: 'https://receiver.example.com/',
    description: '',
    filter: { types: ['a'], statuses: [], phases: [], subjects: [], attributes: [] },
    format: 'standard',
    options: {},
    headers: {},
    auth: { kind: 'bearer', token: 'older', base64: false },
    retryPolicy: { preset: 'standard' },
    timeoutMs: 15_000,
    ordering: 'none',
    notificationEmails: [],
  },
};

/** Every text in every table, as one text. */
async function dump(): Promise<string> {
  const { pool } = running.database;
  const { rows: tables } = await pool.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'hookline'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query(`SELECT t::text AS row FROM ${name} t`);
    texts.push(...rows.map(({ row }) => row as string));
  }
  return texts.join('\n');
}

test('no secret is in clear in any table, any log line, any list or any refusal', async () => {
  await using agents = await running.start({ HOOKLINE_NATS_AUTHORITY: nats.authorityPath });
  const { as, tenant } = await running.tenant('guarded', { contacts: ['contact@example.com'] });
  const brought = 'a-secret-that-was-brought';
  await running.subscriptions.createSubscription(subscription(brought), as);
  const made = await running.subscriptions.createSubscription(subscription(''), as);
  const key = await running.admin.createApiKey(
    { apiKey: { ...ApiKey.create(), role: Role.ROLE_EDITOR }, requestId: 'k' },
    as,
  );
  const agent = await agents.admin.createAgentCredential(
    { agentCredential: { ...AgentCredential.create(), hostName: 'node-1' }, requestId: 'a' },
    as,
  );
  const seed = /\n(SU[A-Z0-9]{50,})\n/.exec(agent.creds)?.[1];
  const secrets = [
    brought,
    made.subscription?.secret,
    'token-for-the-receiver',
    key.apiKey?.secret,
    as.apiKey,
    running.asOperator.apiKey,
    seed,
    masterKey,
  ];
  const repeated = subscription(brought);
  const refusal = await refusalOf(
    running.subscriptions.createSubscription({ ...repeated, requestId: 'request-0' }, as),
  );
  const lists = [
    refusal,
    await running.subscriptions.listSubscriptions(ListSubscriptionsRequest.create(), as),
    await running.admin.listApiKeys(ListApiKeysRequest.create(), as),
    await running.admin.listAgentCredentials(ListAgentCredentialsRequest.create(), as),
    await running.admin.listAudit(ListAuditRequest.create(), as),
  ];
  const shown = inspect(lists, { depth: 20, maxArrayLength: null, maxStringLength: null });
  const stored = await dump();
  const logged = lines.join('\n');
  assert.ok(stored.includes(tenant.id) && logged.includes('subscription created'));
  for (const secret of secrets) {
    assert.ok(secret !== undefined && secret.length > 16);
    for (const [where, text] of Object.entries({ shown, stored, logged })) {
      assert.ok(!text.includes(secret), `${where} holds ${secret.slice(0, 4)}…`);
    }
  }
  const { rows } = await running.database.pool.query(
    "SELECT string_agg(data || extensions, ' ') AS text FROM hookline.event_log WHERE tenant = 'guarded'",
  );
  for (const personal of ['contact@example.com', 'personal@example.com', '127.0.0.1']) {
    assert.ok(!rows[0].text.includes(personal), personal);
  }
});

test('a change of the master key seals everything anew, can be repeated, and kept events still open', async () => {
  const { database } = running;
  // As an older version left it: sealed by the master key directly, in the row and in the log.
  const store = createSubscriptionStore(database, { sealer: createSealer(masterKey) });
  const { subscription: created } = await store.create(asAnOlderVersionMadeIt);
  const query = async (text: string, values: unknown[]) =>
    (await database.pool.query(text, values)).rows;
  const options = { database, masterKey: newKey, onProgress: () => {} };
  await assert.rejects(rekey({ ...options, olderKeys: [] }), /HOOKLINE_MASTER_KEYS_OLD/);
  const first = await rekey({ ...options, olderKeys: [masterKey] });
  assert.ok(first.tenantKeys >= 1 && first.subscriptions === 1);
  const again = await rekey({ ...options, olderKeys: [] });
  assert.deepEqual(again, { tenantKeys: 0, retiredKeys: 0, answers: 0, subscriptions: 0 });
  const sealer = await openTenantSealer({ masterKey: newKey, olderKeys: [], query });
  const anew = createSubscriptionStore(database, { sealer });
  const target = { tenant: 'default', subscriptionId: created.id };
  assert.deepEqual((await anew.get(target)).settings.auth, {
    kind: 'bearer',
    token: 'older',
    base64: false,
  });
  await anew.delete({ ...target, actor: 'test' });
  const { rows } = await database.pool.query(
    `SELECT FROM hookline.tenant_key WHERE data_key NOT LIKE $1
     UNION ALL SELECT FROM hookline.subscription WHERE document LIKE '%"v1.%'`,
    [`v1.${sealer.keyId}.%`],
  );
  assert.equal(rows.length, 0);
});

test('the command changes the key back, says what it did, and explains wrong usage', async () => {
  const script = join(import.meta.dirname, 'commands', 'secrets.ts');
  const env = {
    HOOKLINE_POSTGRES_OWNER_URL: running.url,
    HOOKLINE_MASTER_KEY: masterKey,
    HOOKLINE_MASTER_KEYS_OLD: newKey,
  };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [script, 'rekey'], { env });
  assert.match(stdout, /keys of tenants: \d+ sealed anew/);
  assert.match(stdout, /everything is sealed with the present master key/);
  await running.admin.listApiKeys(ListApiKeysRequest.create(), running.asOperator);
  await assert.rejects(run(process.execPath, [script], { env }), { code: 2 });
  const wrong = { ...env, HOOKLINE_MASTER_KEY: 'short' };
  await assert.rejects(run(process.execPath, [script, 'rekey'], { env: wrong }), (error: Error) => {
    assert.match(error.message, /HOOKLINE_MASTER_KEY=\[5 characters, not shown\]/);
    return true;
  });
});
