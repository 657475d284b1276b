import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { freePort, startTestNats, type TempDir, type TestNats, tempDir } from '@hookline/testing';
import { runCli } from '../run-cli.ts';
import { commandGroups } from '../table.ts';

let nats: TestNats;
let folder: TempDir;
let creds: string;

before(async () => {
  nats = await startTestNats();
  folder = await tempDir('publish');
  creds = join(folder.path, 'agent.creds');
  await writeFile(creds, await nats.mintAgent({ tenant: 'default', host: 'alone' }));
});
after(async () => {
  await nats?.stop();
  await folder?.[Symbol.asyncDispose]();
});

async function publish(args: readonly string[], signal = new AbortController().signal) {
  let stderr = '';
  const code = await runCli({
    groups: commandGroups,
    argv: ['events', 'publish', ...args],
    env: {},
    stdout: { write: () => {} },
    stderr: {
      write(text) {
        stderr += text;
      },
    },
    stdin: Readable.from([]),
    signal,
  });
  return { code, stderr };
}
const target = () => ['server.started', '--nats', nats.url, '--creds', creds];

test('an event that nobody confirms is said to be unconfirmed, and how to publish it again', async () => {
  const { code, stderr } = await publish([...target(), '--timeout', '300ms']);
  assert.equal(code, 5, stderr);
  assert.match(stderr, /not confirmed within 0\.3 s.*--id/);
});

test('Ctrl-C ends the waiting at once', async () => {
  const interruption = new AbortController();
  const ended = publish([...target(), '--timeout', '10m'], interruption.signal);
  setTimeout(() => interruption.abort(), 100);
  assert.equal((await ended).code, 130);
});

test('what keeps an event from being sent is told apart', async () => {
  const nowhere = [
    'server.started',
    '--nats',
    `nats://127.0.0.1:${await freePort()}`,
    '--creds',
    creds,
  ];
  assert.equal((await publish([...nowhere, '--timeout', '300ms'])).code, 5);
  const noFile = await publish(['server.started', '--nats', nats.url, '--creds', '/nowhere.creds']);
  assert.deepEqual([noFile.code, /nowhere\.creds/.test(noFile.stderr)], [2, true]);
  const file = join(folder.path, 'list.json');
  await writeFile(file, '[1]');
  const list = await publish([...target(), '--data-file', file]);
  assert.deepEqual([list.code, /^--data-file: /.test(list.stderr)], [2, true]);
  const missing = await publish([...target(), '--data-file', '/nowhere.json']);
  assert.match(missing.stderr, /^--data-file: .*there is no such file/);
});
