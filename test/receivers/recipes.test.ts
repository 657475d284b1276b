import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SECRET, type SendOptions, sentWebhook } from '@hookline/receiver/fixtures';
import { type Receiver, startReceiver, tempDir } from '@hookline/testing';
import { startProgram } from './child.ts';

/** Where a recipe has its effect: a file of its own, or a system that it calls. */
interface Surroundings {
  readonly file: string;
  readonly url: string;
}

interface Recipe {
  readonly settings: (around: Surroundings) => Record<string, string>;
  /** One after another; each is taken and has to be answered 200. */
  readonly webhooks: readonly SendOptions[];
  /** What the recipe calls, in order, as path and body. */
  readonly calls?: readonly unknown[];
  readonly lines?: readonly string[];
  readonly check?: (around: Surroundings) => void;
}

const event = (type: string, subject: string, data: object): SendOptions => ({
  event: { type, subject, data: JSON.stringify(data) },
});
const web = { name: 'web-01', ip: '192.0.2.10', mac: '52:54:00:AA:BB:01' };
const call = (method: string, change: object = {}): SendOptions => ({
  format: 'xen-orchestra',
  event: {
    type: `xo.${method.toLowerCase()}`,
    extensions: { sourcetype: method, username: 'alice', correlationid: 'call-1' },
    ...change,
  },
});
/** What Xen Orchestra itself sends before a migration, kept by the adapter. */
const xenOrchestraCall = {
  type: 'pre',
  callId: 'call-1',
  userId: 'usr_1',
  userName: 'alice',
  method: 'vm.migrate',
  timestamp: 1_736_937_000_000,
};
const migration = (data: object): SendOptions =>
  call('vm.migrate', {
    type: 'server.migration.started',
    phase: 'pre',
    status: undefined,
    data: JSON.stringify(data),
  });

const recipes: Record<string, Recipe> = {
  'ci-ping': {
    settings: ({ url }) => ({ CI_URL: url, CI_TOKEN: 'ci' }),
    webhooks: [event('server.created', 'srv_1', web), event('server.deleted', 'srv_1', {})],
    calls: [{ token: 'ci', ref: 'main', variables: { SERVER_ID: 'srv_1', SERVER_NAME: 'web-01' } }],
  },
  'ha-database': {
    settings: ({ url }) => ({ PATRONI_URL: url, DATABASE_SERVERS: 'srv_1=db-1,srv_2=db-2' }),
    webhooks: [
      migration({ source: { ...xenOrchestraCall, params: { vm: 'srv_2', targetHost: 'node-2' } } }),
      migration({ server_id: 'srv_1' }),
      migration({ server_id: 'srv_3' }),
    ],
    calls: [{ leader: 'db-2' }, { leader: 'db-1' }],
  },
  'load-balancer': {
    settings: ({ file }) => ({ BACKENDS_FILE: file }),
    webhooks: [
      event('server.started', 'srv_1', web),
      event('server.started', 'srv_2', { ip: '192.0.2.11' }),
      event('server.started', 'srv_3', { ip: '192.0.2.12\nmalicious' }),
      event('server.stopped', 'srv_1', {}),
    ],
    lines: ['server srv_2 192.0.2.11:80 check'],
  },
  'ups-emergency': {
    settings: ({ url }) => ({ UPS_URL: url }),
    webhooks: [
      event('hypervisor.emergency_shutdown', 'node-1', {}),
      { event: { type: 'hypervisor.emergency_shutdown', subject: 'node-2', status: 'fail' } },
    ],
    calls: [{ command: 'shutdown.return', outlet: 'node-1', delay_seconds: 120 }],
  },
  firewall: {
    settings: ({ file }) => ({ FIREWALL_FILE: file }),
    webhooks: [
      event('server.created', 'srv_1', web),
      event('server.created', 'srv_2', { ip: '2001:db8::2' }),
      event('server.migrated_live', 'srv_2', { ip: '2001:db8::3' }),
      event('server.deleted', 'srv_1', {}),
    ],
    lines: ['add element inet filter servers6 { 2001:db8::3 } # srv_2'],
  },
  dhcp: {
    settings: ({ file }) => ({ DHCP_FILE: file }),
    webhooks: [
      event('server.created', 'srv_1', web),
      event('server.created', 'srv_2', { ...web, mac: '52:54:00:aa:bb:02' }),
      event('server.deleted', 'srv_2', {}),
    ],
    lines: ['52:54:00:aa:bb:01,192.0.2.10,set:srv_1'],
  },
  billing: {
    settings: ({ file }) => ({ BILLING_FILE: file }),
    webhooks: [
      call('vm.create', { type: 'server.created' }),
      call('vm.create', { type: 'server.created', status: 'fail' }),
    ],
    lines: ['call-1,2025-01-15T10:30:00.000Z,alice,vm.create'],
  },
  inventory: {
    settings: ({ file }) => ({ INVENTORY_FILE: file }),
    webhooks: [
      event('server.created', 'srv_1', web),
      { event: { ...event('server.deleted', 'srv_1', {}).event, sequence: 8n } },
      event('server.created', 'srv_1', web),
    ],
    check({ file }) {
      using database = new DatabaseSync(file);
      const rows = database.prepare('SELECT id, name, state FROM server').all();
      const [row] = rows.map((each) => ({ ...each }));
      assert.deepEqual(row, { id: 'srv_1', name: 'web-01', state: 'gone' });
    },
  },
  chat: {
    settings: ({ url }) => ({ CHAT_URL: url }),
    webhooks: [
      event('server.created', 'srv_1', { name: 'web-01 <!channel>' }),
      event('server.stopped', 'srv_1', web),
    ],
    calls: [
      { text: 'Server web-01  !channel  was created.' },
      { text: 'Server web-01 was shut down.' },
    ],
  },
  'page-host-shutdown': {
    settings: ({ url }) => ({ PAGING_URL: url, PAGING_KEY: 'key' }),
    webhooks: [event('hypervisor.stopped', 'node-1', {})],
    calls: [
      {
        routing_key: 'key',
        event_action: 'trigger',
        dedup_key: 'dlv_0',
        payload: {
          summary: 'hypervisor.stopped: node-1',
          source: 'node-1',
          severity: 'critical',
          timestamp: '2025-01-15T10:30:00Z',
        },
      },
    ],
  },
  'unexpected-operations': {
    settings: ({ url }) => ({
      ALERT_URL: url,
      EXPECTED_METHODS: 'vm.start,vm.stop',
      EXPECTED_USERS: 'alice',
    }),
    webhooks: [call('vm.start', { type: 'server.started' }), call('host.forget')],
    calls: [
      {
        title: 'unexpected: host.forget by alice',
        call: 'call-1',
        time: '2025-01-15T10:30:00.000Z',
      },
    ],
  },
  'security-alert': {
    settings: ({ file }) => ({ SECURITY_FILE: file }),
    webhooks: [event('user.created', 'usr_1', { email: 'new@example.com' })],
    lines: [
      '{"alert":"user.created","event":"evt_01jhm3k0gcf0fr2q3n3zt4c6x7","time":"2025-01-15T10:30:00Z","user":"usr_1"}',
    ],
  },
};

async function checkRecipe(name: string, system: Receiver): Promise<void> {
  const recipe = recipes[name] as Recipe;
  await using folder = await tempDir('recipe');
  const around = { file: join(folder.path, 'effect'), url: system.url };
  await using program = await startProgram(`docs/recipes/${name}.mjs`, {
    ...recipe.settings(around),
    WEBHOOK_SECRET: SECRET,
  });
  const post = async (options: SendOptions, change: { body?: string } = {}) => {
    const { headers, body } = { ...sentWebhook(options), ...change };
    const response = await fetch(program.url, { method: 'POST', headers, body });
    return `${response.status} ${await response.text()}`;
  };
  for (const [index, options] of recipe.webhooks.entries()) {
    const webhook = { ...options, webhookId: `dlv_${index}` };
    assert.equal(await post({ ...webhook }, { body: '{}' }), '401 signature_mismatch');
    assert.equal(await post(webhook), '200 handled');
    assert.equal(await post(webhook), '200 handled before');
  }
  const bodies = system.requests.map(({ body }) => JSON.parse(body.toString()) as unknown);
  assert.deepEqual(bodies, recipe.calls ?? []);
  if (recipe.lines !== undefined) {
    assert.equal(await readFile(around.file, 'utf8'), `${recipe.lines.join('\n')}\n`);
  }
  recipe.check?.(around);
}

for (const name of Object.keys(recipes)) {
  test(`recipe ${name}: signed events have their effect once, others none`, async (t) => {
    const system = await startReceiver();
    t.after(() => system.stop());
    await checkRecipe(name, system);
  });
}

test('a recipe whose other system fails answers 500, and takes the next attempt', async () => {
  const system = await startReceiver({ respond: [503, 200] });
  const settings = { CHAT_URL: system.url, WEBHOOK_SECRET: SECRET };
  await using program = await startProgram('docs/recipes/chat.mjs', settings);
  const webhook = sentWebhook(event('server.created', 'srv_1', web));
  const post = () => fetch(program.url, { method: 'POST', ...webhook });
  assert.equal((await post()).status, 500);
  assert.equal((await post()).status, 200);
  await system.stop();
});
