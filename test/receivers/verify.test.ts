import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SECRET, type SentWebhook, sentWebhook } from '@hookline/receiver/fixtures';
import { tempDir } from '@hookline/testing';
import { generateSecret } from '@hookline/webhook-signature';

/** What the program says of a webhook, and whether its exit code says the same. */
async function verdict(
  command: readonly string[],
  request: {
    readonly secret: string;
    readonly signature: readonly string[];
    readonly body: string;
  },
): Promise<string> {
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, ...request.signature], {
    env: { ...process.env, WEBHOOK_SECRET: request.secret },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(request.body);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, output === 'good\n' ? 0 : 1);
  return output.trim();
}

async function checkProgram(command: readonly string[]): Promise<void> {
  const standard = ({ headers, body }: SentWebhook, change: Record<string, string> = {}) => {
    const sent: Record<string, string | undefined> = { ...headers, ...change };
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    return { body, signature: ['standard', ...names.map((name) => sent[name] ?? '')] };
  };
  const hex = ({ headers, body }: SentWebhook) => ({
    body,
    signature: ['hex', headers['X-Webhook-Signature'] ?? ''],
  });
  const made = generateSecret();
  const rotated = sentWebhook({ secrets: [made, SECRET] });
  const cdhosting = sentWebhook({ format: 'cdhosting' });
  const changed = cdhosting.body.replace('running', 'stopped');
  const cases: [string, string, { body: string; signature: readonly string[] }][] = [
    ['good', SECRET, standard(sentWebhook())],
    ['good', SECRET, standard(rotated)],
    ['good', made, standard(rotated)],
    ['bad', 'another_secret', standard(rotated)],
    ['bad', SECRET, { ...standard(cdhosting), body: changed }],
    ['bad', SECRET, standard(sentWebhook({ nowMs: Date.now() - 310_000 }))],
    ['bad', SECRET, standard(sentWebhook({ nowMs: Date.now() + 310_000 }))],
    ['bad', SECRET, standard(rotated, { 'webhook-signature': '' })],
    ['bad', SECRET, standard(rotated, { 'webhook-timestamp': 'soon' })],
    ['good', SECRET, hex(cdhosting)],
    ['good', made, hex(sentWebhook({ format: 'cdhosting', secrets: [made] }))],
    ['bad', SECRET, { ...hex(cdhosting), body: changed }],
    ['bad', 'another_secret', hex(cdhosting)],
    ['bad', SECRET, { body: cdhosting.body, signature: ['hex', ''] }],
  ];
  const verdicts = await Promise.all(
    cases.map(([, secret, request]) => verdict(command, { ...request, secret })),
  );
  assert.deepEqual(
    verdicts,
    cases.map(([expected]) => expected),
  );
}

/** Skips the test, with a word about it, where the program is not on this machine. */
function skipWithout(t: TestContext, program: string, args: readonly string[], remedy: string) {
  const isThere = spawnSync(program, args, { stdio: 'ignore' }).status === 0;
  if (!isThere) t.skip(`${program} is not on this machine; on Debian: apt-get install ${remedy}`);
  return !isThere;
}

test('verify.py takes what is signed and refuses what is not', async (t) => {
  if (skipWithout(t, 'python3', ['--version'], 'python3')) return;
  await checkProgram(['python3', 'docs/verify/verify.py']);
});

test('verify.go takes what is signed and refuses what is not', async (t) => {
  if (skipWithout(t, 'go', ['version'], 'golang-go')) return;
  await using folder = await tempDir('verify-go');
  const program = join(folder.path, 'verify');
  const built = spawnSync('go', ['build', '-o', program, 'docs/verify/verify.go'], {
    env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '', CGO_ENABLED: '0' },
    encoding: 'utf8',
  });
  assert.equal(built.status, 0, built.stderr);
  await checkProgram([program]);
});

test('verify.php takes what is signed and refuses what is not', async (t) => {
  if (skipWithout(t, 'php', ['--version'], 'php-cli')) return;
  await checkProgram(['php', 'docs/verify/verify.php']);
});

test('verify.mjs takes what is signed and refuses what is not', () =>
  checkProgram([process.execPath, 'docs/verify/verify.mjs']));

test('Verify.java takes what is signed and refuses what is not', async (t) => {
  if (skipWithout(t, 'javac', ['--version'], 'default-jdk-headless')) return;
  await using folder = await tempDir('verify-java');
  const built = spawnSync('javac', ['-d', folder.path, 'docs/verify/Verify.java'], {
    encoding: 'utf8',
  });
  assert.equal(built.status, 0, built.stderr);
  await checkProgram([
    'java',
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    folder.path,
    'Verify',
  ]);
});
