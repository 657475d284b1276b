import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BODY_BYTES_MAX } from '@hookline/receiver';
import { SECRET, type SentWebhook, sentWebhook } from '@hookline/receiver/fixtures';
import { type ReceiverProgram, startProgram } from './child.ts';

async function post(url: string, { headers, body }: SentWebhook): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body });
  return `${response.status} ${await response.text()}`;
}

/** Ends each test: had anything before been handled, its line would come before this one's. */
async function nothingElseWasHandled(program: ReceiverProgram): Promise<void> {
  const webhook = sentWebhook({ webhookId: 'dlv_last', event: { type: 'server.deleted' } });
  assert.equal(await post(program.url, webhook), '200 handled');
  assert.equal(await program.nextLine(), 'server.deleted srv_abc123');
}

for (const framework of ['node', 'express', 'fastify', 'hono']) {
  test(`${framework}: a signed webhook is handled once; a changed, an old, a repeated and a huge one are not`, async () => {
    const script = `docs/examples/receive-${framework}.mjs`;
    await using program = await startProgram(script, { WEBHOOK_SECRET: SECRET });
    const { url } = program;

    const webhook = sentWebhook();
    assert.equal(await post(url, webhook), '200 handled');
    assert.equal(await program.nextLine(), 'server.started srv_abc123');
    assert.equal(await post(url, sentWebhook({ attempt: 2 })), '200 handled before');

    const body = webhook.body.replace('running', 'stopped');
    assert.equal(await post(url, { ...webhook, body }), '401 signature_mismatch');
    const old = sentWebhook({ nowMs: Date.now() - 301_000, webhookId: 'dlv_old' });
    assert.equal(await post(url, old), '401 timestamp_too_old');
    assert.equal(await post(url, { headers: {}, body: '' }), '401 missing_header');
    const huge = { headers: webhook.headers, body: 'x'.repeat(BODY_BYTES_MAX + 1) };
    assert.match(await post(url, huge), /^413 /);
    const largest = sentWebhook({
      webhookId: 'dlv_largest',
      event: { data: JSON.stringify({ text: 'x'.repeat(256 * 1024 - 11) }) },
    });
    assert.equal(await post(url, largest), '200 handled');
    assert.equal(await program.nextLine(), 'server.started srv_abc123');

    await nothingElseWasHandled(program);
  });
}

test('an example that is started without a secret says so and ends', async () => {
  const script = 'docs/examples/receive-node.mjs';
  await assert.rejects(startProgram(script, { WEBHOOK_SECRET: '' }), /no secret is given/);
});
