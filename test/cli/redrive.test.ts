import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, type Receiver, startReceiver, type TempDir, tempDir } from '@hookline/testing';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';
import { run } from './run.ts';

let stack: TenantStack;
/** With the addresses and keys of the tenant, where the command line finds them. */
let folder: TempDir;
let receiver: Receiver;

before(async () => {
  stack = await openTenantStack();
  folder = await tempDir('redrive');
  const endpoints = join(folder.path, 'endpoints.json');
  await writeFile(endpoints, JSON.stringify(stack.endpoints), { mode: 0o600 });
  receiver = await startReceiver({ respond: 500 });
});
after(async () => {
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const hookline = (...args: string[]) => run(args, { env: { HOOKLINE_DATA_DIR: folder.path } });

async function deadLetters(count: number, ...filter: string[]): Promise<string[]> {
  return await eventually(
    async () => {
      const ran = await hookline('dead-letters', 'list', ...filter, '--json');
      const letters = ran.json().data as { id: string }[];
      assert.equal(letters.length, count);
      return letters.map(({ id }) => id);
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}

test('dead letters are redriven by filter and by id once the receiver is mended, and discarded', async () => {
  const made = await hookline(
    ...[
      'subscriptions',
      'create',
      receiver.url,
      '--event',
      'server.*',
      '--retry',
      'none',
      '--json',
    ],
  );
  assert.equal(made.code, 0, made.stderr);
  const subscription = String(made.json().id);
  const publish = (type: string) =>
    hookline('events', 'publish', type, '--data', '{"server_id":"srv_1"}');
  for (const type of ['server.started', 'server.stopped', 'server.deleted']) {
    assert.equal((await publish(type)).code, 0);
  }
  await deadLetters(3, '--subscription', subscription);

  receiver.respondWith(200);
  const redriven = await hookline(
    ...[
      'dead-letters',
      'redrive',
      '--subscription',
      subscription,
      '--type',
      'server.started',
      '--wait',
      '--json',
    ],
  );
  assert.equal(redriven.code, 0, redriven.stderr);
  assert.deepEqual([redriven.json().kind, redriven.json().state], ['redrive', 'completed']);
  const [stopped = ''] = await deadLetters(1, '--type', 'server.stopped');
  assert.equal((await hookline('dead-letters', 'redrive', stopped)).code, 0);
  await deadLetters(1, '--subscription', subscription);
  assert.deepEqual(
    await deadLetters(2, '--state', 'delivered').then((ids) => ids.includes(stopped)),
    true,
  );

  const discarded = await hookline(
    ...['dead-letters', 'discard', '--all', '--reason', 'only a test', '--json'],
  );
  assert.equal(discarded.code, 0, discarded.stderr);
  assert.deepEqual(discarded.json(), { discarded_count: 1 });
  await deadLetters(0);
});

test('a rejected message is put in again, corrected', async () => {
  const rejected = await hookline('events', 'publish', 'hookline.own', '--id', 'wrong-1');
  assert.equal(rejected.code, 1, rejected.stderr);
  const listed = await hookline('dead-letters', 'rejected', '--json');
  const [message] = listed.json().data as { id: string; source_id: string }[];
  assert.equal(message?.source_id, 'wrong-1');
  const again = await hookline(
    'dead-letters',
    'resubmit',
    message?.id ?? '',
    '--type',
    'server.started',
    '--json',
  );
  assert.equal(again.code, 0, again.stderr);
  assert.match(String(again.json().event_id), /^evt_/);
});

test('incidents are listed', async () => {
  const ran = await hookline(
    'dead-letters',
    'incidents',
    '--state',
    'open',
    '--state',
    'resolved',
    '--json',
  );
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(Array.isArray(ran.json().data));
});
