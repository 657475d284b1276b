import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { glob, mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { tempDir } from '@hookline/testing';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');

test('the package as published needs nothing but the client of NATS', async () => {
  await using folder = await tempDir('published');
  const modules = join(folder.path, 'node_modules');
  const built = join(modules, '@hookline/agent');
  await mkdir(built, { recursive: true });
  await run(process.execPath, [join(root, 'scripts/build.ts'), built]);
  await symlink(join(root, 'node_modules/@nats-io'), join(modules, '@nats-io'));

  const imported = new Set<string>();
  for await (const file of glob('*.js', { cwd: built })) {
    const text = await readFile(join(built, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/from '([^']+)'/g)) imported.add(name);
  }
  const outside = [...imported].filter((name) => !/^(\.|node:)/.test(name));
  const manifest = JSON.parse(await readFile(join(built, 'package.json'), 'utf8'));
  assert.deepEqual(outside, Object.keys(manifest.dependencies));

  const program = `import { connectAgent } from '@hookline/agent';
    await connectAgent({ servers: 'nats://127.0.0.1:1' }).catch(({ code }) => console.log(code));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder.path,
  });
  assert.equal(stdout, 'invalid_credentials\n');
});
