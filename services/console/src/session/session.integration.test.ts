import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import { startTestConsole, TEST_KEY } from '../test-console.ts';

let world: Awaited<ReturnType<typeof startTestConsole>>;
before(async () => {
  world = await startTestConsole();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.behind.asked.length = 0;
  world.behind.refuse = undefined;
});

const json = { 'content-type': 'application/json' };

function signIn(key: string, headers: Record<string, string> = {}) {
  return fetch(`${world.url}/console/session`, {
    method: 'POST',
    headers: { ...json, ...headers },
    body: JSON.stringify({ key }),
  });
}

async function signedIn() {
  const response = await signIn(TEST_KEY);
  assert.equal(response.status, 201);
  const { csrf_token: token } = (await response.json()) as { csrf_token: string };
  const cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return { cookie, token };
}

const pause = (headers: Record<string, string>) =>
  fetch(`${world.url}/v1/webhooks/sub_1/pause`, { method: 'POST', headers });

test('a key is answered with a session that scripts cannot read, and that stands for the key', async () => {
  const response = await signIn(TEST_KEY);
  const { csrf_token, expires_at, ...caller } = (await response.json()) as Record<string, string>;
  assert.deepEqual(caller, { key_id: 'key_1', tenant: 'default', role: 'admin' });
  assert.ok(Date.parse(expires_at ?? '') > Date.now());
  assert.ok(csrf_token);
  const header = response.headers.get('set-cookie') ?? '';
  assert.match(
    header,
    /^hookline_session=[\w-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  );
  assert.ok(!header.includes(TEST_KEY));
  const cookie = header.split(';')[0] ?? '';
  const list = await fetch(`${world.url}/v1/webhooks`, { headers: { cookie } });
  assert.equal(list.status, 200);
  assert.equal(list.headers.get('cache-control'), 'no-store');
});

test('over https the cookie is for this host alone and never sent in the clear', async () => {
  const host = new URL(world.url).host;
  const response = await signIn(TEST_KEY, { origin: `https://${host}` });
  assert.match(
    response.headers.get('set-cookie') ?? '',
    /^__Host-hookline_session=[\w-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
  );
});

test('what changes something needs the token, and must not come from another origin', async () => {
  const { cookie, token } = await signedIn();
  const good = { cookie, 'x-csrf-token': token };
  assert.equal((await pause(good)).status, 200);
  const refused: Record<string, string>[] = [
    { cookie },
    { cookie, 'x-csrf-token': '' },
    { cookie, 'x-csrf-token': `${token.slice(0, -1)}_` },
    { ...good, origin: 'https://evil.example' },
    { ...good, origin: 'null' },
    { ...good, origin: 'http://127.0.0.1:9' },
    { ...good, 'sec-fetch-site': 'same-site' },
    { ...good, 'sec-fetch-site': 'cross-site' },
  ];
  world.behind.asked.length = 0;
  for (const headers of refused) {
    assert.equal((await pause(headers)).status, 403, JSON.stringify(headers));
  }
  assert.deepEqual(world.behind.asked, [], 'no service heard of them');
});

test('a session of one’s own making, and none, are no credential', async () => {
  for (const cookie of ['hookline_session=AAAA', `hookline_session=${TEST_KEY}`, '']) {
    const response = await fetch(`${world.url}/v1/webhooks`, { headers: { cookie } });
    assert.equal(response.status, 401, cookie);
    const session = await fetch(`${world.url}/console/session`, { headers: { cookie } });
    assert.equal(session.status, 204, 'nobody is signed in');
  }
});

test('signing out has the browser forget the session', async () => {
  const { cookie, token } = await signedIn();
  const response = await fetch(`${world.url}/console/session`, {
    method: 'DELETE',
    headers: { cookie, 'x-csrf-token': token },
  });
  assert.equal(response.status, 204);
  assert.match(response.headers.get('set-cookie') ?? '', /^hookline_session=; Path=\/; Max-Age=0/);
});

test('one whose key opens nothing any more can sign in anew without the old token', async () => {
  const { cookie } = await signedIn();
  assert.equal((await signIn(TEST_KEY, { cookie })).status, 201);
  world.behind.refuse = new DomainError('unauthenticated', 'the key is revoked');
  const session = await fetch(`${world.url}/console/session`, { headers: { cookie } });
  assert.equal(session.status, 401);
});

test('wrong keys are refused, and after two of one address with 429', async () => {
  await using own = await startTestConsole();
  const guess = (key: string) =>
    fetch(`${own.url}/console/session`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ key }),
    });
  assert.equal((await guess('hk_short')).status, 401);
  assert.equal((await guess(`hk_${'b'.repeat(43)}`)).status, 401);
  const refused = await guess(TEST_KEY);
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
});

test('the stream tells attempts and figures, and ends when the console stops', async () => {
  const own = await startTestConsole();
  const response = await fetch(`${own.url}/console/live?overview=true`, {
    headers: { authorization: `Bearer ${TEST_KEY}` },
  });
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  let text = '';
  const reading = (async () => {
    for await (const part of response.body ?? []) {
      text += Buffer.from(part).toString();
      if (text.includes('event: attempt') && text.includes('event: overview')) return;
    }
  })();
  await reading;
  assert.match(text, /event: attempt\ndata: \{[^\n]*"outcome":"http_error"[^\n]*\}\n\n/);
  assert.match(text, /event: overview\ndata: \{[^\n]*"events_count":7/);
  await own[Symbol.asyncDispose]();
});

test('P5 nobody without a good key is streamed to', async () => {
  for (const headers of [{}, { authorization: `Bearer hk_${'b'.repeat(43)}` }]) {
    const response = await fetch(`${world.url}/console/live`, { headers });
    assert.equal(response.status, 401);
    assert.match(response.headers.get('content-type') ?? '', /problem\+json/);
  }
});

test('the playground asks a dispatcher for the request, with data as they are typed', async () => {
  const { cookie, token } = await signedIn();
  const response = await fetch(`${world.url}/console/playground`, {
    method: 'POST',
    headers: { ...json, cookie, 'x-csrf-token': token },
    body: '{"format":"standard","event":{"type":"server.started","data":"{\\"b\\": 1e2}"}}',
  });
  assert.equal(response.status, 200);
  const { message } = world.behind.asked.at(-1) as { message: { event: { data: string } } };
  assert.equal(message.event.data, '{"b": 1e2}');
});
