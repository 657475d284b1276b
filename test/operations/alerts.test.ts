import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { findPromtool, runPromtool } from '../support/promtool.ts';
import { deployFolder } from '../support/shown-metrics.ts';

const rulesFile = join(deployFolder, 'prometheus', 'rules', 'hookline.yml');
const root = resolve(deployFolder, '..');

test('every alert has its page, and every page its alert', async () => {
  const rules = await readFile(rulesFile, 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\S+)/g)].map(([, name]) => name);
  const pages = [...rules.matchAll(/runbook: (\S+)/g)].map(([, path = '']) => path);
  assert.equal(pages.length, alerts.length);
  for (const [index, path] of pages.entries()) {
    await access(join(root, path));
    assert.match(await readFile(join(root, path), 'utf8'), new RegExp(`\`${alerts[index]}\``));
  }
  const written = await readdir(join(root, 'docs', 'operations', 'alerts'));
  assert.deepEqual(written.sort(), pages.map((path) => path.split('/').at(-1)).sort());
});

test('the rules are sound, and fire when they should and not before', async (t) => {
  const promtool = await findPromtool();
  if ('missing' in promtool) return t.skip(promtool.missing);
  const { path } = promtool;
  for (const args of [
    ['check', 'rules', rulesFile],
    ['test', 'rules', rulesFile.replace('.yml', '.test.yml')],
  ]) {
    const { ok, output } = await runPromtool(path, args);
    assert.ok(ok, output);
  }
  const tests = await readFile(rulesFile.replace('.yml', '.test.yml'), 'utf8');
  const rules = await readFile(rulesFile, 'utf8');
  for (const [, name] of rules.matchAll(/- alert: (\S+)/g)) {
    assert.ok(tests.includes(`alertname: ${name}`), `${name} has no test`);
  }
});
