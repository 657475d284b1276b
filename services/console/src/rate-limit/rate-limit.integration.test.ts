import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestConsole, TEST_KEY } from '../test-console.ts';

const good = { authorization: `Bearer ${TEST_KEY}` };

test('a key is told its limit in RateLimit headers, and over it 429 with Retry-After', async () => {
  await using world = await startTestConsole({ callsPerSecondMax: 0.01 });
  const first = await world.request('/v1/webhooks');
  assert.equal(first.status, 200);
  assert.equal(first.headers.get('ratelimit-policy'), '"key";q=2;w=200');
  assert.equal(first.headers.get('ratelimit'), '"key";r=1;t=100');
  await world.request('/v1/webhooks');
  const over = await world.request('/v1/webhooks');
  assert.equal(over.status, 429);
  assert.match(over.headers.get('retry-after') ?? '', /^(100|9\d)$/);
  assert.match(over.headers.get('ratelimit') ?? '', /^"key";r=0;t=(200|19\d)$/);
  assert.equal(((await over.json()) as { code: string }).code, 'resource_exhausted');
});

test('P4: who guesses keys is refused by address, and a key that was good goes on', async () => {
  // A tenth of it is for strangers, two of them at once; the test console itself took one.
  await using world = await startTestConsole({ requestsPerSecond: 0.01 });
  assert.equal((await world.request('/v1/webhooks')).status, 200);
  const guess = async (index: number) => {
    const key = `hk_${String(index).padStart(43, 'x')}`;
    const headers = { authorization: `Bearer ${key}` };
    return await fetch(`${world.url}/v1/webhooks`, { headers });
  };
  assert.equal((await guess(0)).status, 401);
  const refused = await guess(1);
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get('ratelimit-policy') ?? '', /^"address";q=2;w=2000$/);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal((await fetch(`${world.url}/`)).status, 429, 'the page as well');
  assert.equal((await fetch(`${world.url}/v1/openapi.json`, { headers: good })).status, 429);
  assert.equal((await world.request('/v1/webhooks')).status, 200);
});
