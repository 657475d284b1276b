import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { glob, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { tempDir } from '@hookline/testing';
import { SECRET, sentWebhook } from './fixtures.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');

const CONSUMER = `import { createReceiver, type HooklineEvent } from '@hookline/receiver';

const receiver = createReceiver({ secret: '${SECRET}' });
const told = (event: HooklineEvent): unknown =>
  event.known && event.type === 'server.created' ? event.data.allocation?.['cpu'] : event.type;
const verdict = receiver.verify(JSON.parse(process.argv[2] ?? ''));
process.stdout.write(verdict.kind === 'verified' ? String(told(verdict.webhook.event)) : verdict.error.code);
`;

test('the package as published works by itself, with its types, and asks for nothing that Node 18 lacks', async () => {
  await using folder = await tempDir('published');
  const modules = join(folder.path, 'node_modules');
  const built = join(modules, '@hookline/receiver');
  await mkdir(built, { recursive: true });
  await run(process.execPath, [join(root, 'packages/receiver/scripts/build.ts'), built]);

  const imported = new Set<string>();
  for await (const file of glob('**/*.js', { cwd: built })) {
    const text = await readFile(join(built, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/from '([^']+)'/g)) imported.add(name);
  }
  const outside = [...imported].filter((name) => !name.startsWith('.'));
  assert.deepEqual(outside.sort(), ['node:crypto'], 'it stands alone');

  await symlink(join(root, 'node_modules/@types'), join(modules, '@types'));
  await writeFile(join(folder.path, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder.path, 'consumer.ts'), CONSUMER);
  const options = ['--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022', '--strict'];
  await run(join(root, 'node_modules/.bin/tsc'), [...options, '--types', 'node', 'consumer.ts'], {
    cwd: folder.path,
  });
  const request = JSON.stringify(sentWebhook());
  const { stdout } = await run(process.execPath, ['consumer.js', request], { cwd: folder.path });
  assert.equal(stdout, 'server.started');
});
