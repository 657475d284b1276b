import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir } from '@hookline/testing';
import { startTestConsole } from '../test-console.ts';

const PAGE = '<meta nonce="__NONCE__"><div id="root"></div><script src="/assets/a.js"></script>';

async function startWithPage() {
  const folder = await tempDir('page');
  await mkdir(join(folder.path, 'assets'));
  await writeFile(join(folder.path, 'index.html'), PAGE);
  await writeFile(join(folder.path, 'icon.svg'), '<svg/>');
  await writeFile(join(folder.path, 'assets', 'a.js'), 'let a = 1;');
  await writeFile(join(folder.path, 'assets', 'notes.txt'), 'secret');
  const world = await startTestConsole({ pageFolder: folder.path });
  return {
    get: (path: string) => fetch(`${world.url}${path}`),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('the page is served at each of its addresses, under a policy that lets nothing foreign in', async () => {
  await using world = await startWithPage();
  const nonces = new Set<string>();
  for (const path of [
    '/',
    '/webhooks',
    '/webhooks/sub_1',
    '/webhooks/sub_1/edit',
    '/events/evt_1',
  ]) {
    const response = await world.get(path);
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; /);
    assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/);
    const nonce = /'nonce-([\w+/=]+)'/.exec(policy)?.[1] ?? '';
    assert.equal(await response.text(), PAGE.replace('__NONCE__', nonce));
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 5, 'a nonce is used once');
});

test('its files are served by their names and kept by browsers; nothing else of the folder is', async () => {
  await using world = await startWithPage();
  const script = await world.get('/assets/a.js');
  assert.equal(await script.text(), 'let a = 1;');
  assert.equal(script.headers.get('content-encoding'), 'gzip');
  assert.match(script.headers.get('cache-control') ?? '', /immutable/);
  assert.equal((await world.get('/icon.svg')).headers.get('content-type'), 'image/svg+xml');
  for (const path of ['/assets/notes.txt', '/assets/..%2findex.html', '/assets/%2e%2e%2f..%2fx']) {
    assert.equal((await world.get(path)).status, 404, path);
  }
});

test('a page that is not built says how to build it, and REST works', async () => {
  await using world = await startTestConsole();
  const response = await fetch(`${world.url}/`);
  assert.equal(response.status, 503);
  assert.match(await response.text(), /npx pnpm build:console/);
  assert.equal((await world.request('/v1/webhooks')).status, 200);
});

test('what is no page is answered as a problem', async () => {
  await using world = await startWithPage();
  const response = await world.get('/nowhere');
  assert.equal(response.status, 404);
  assert.match(response.headers.get('content-type') ?? '', /problem\+json/);
});
