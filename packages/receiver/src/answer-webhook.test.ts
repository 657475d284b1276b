import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerWebhook } from './answer-webhook.ts';
import { SECRET, sentWebhook } from './fixtures.ts';
import { createReceiver } from './receiver.ts';
import { createSeenIds } from './seen-ids.ts';
import { WebhookError } from './webhook-error.ts';

const receiver = createReceiver({ secret: SECRET });

test('a webhook is handled once, its repeat is answered 200 without', async () => {
  const handled: string[] = [];
  const options = {
    receiver,
    seenIds: createSeenIds(),
    handle: ({ event }: { event: { type: string } }) => handled.push(event.type),
  };
  assert.equal((await answerWebhook(sentWebhook(), options)).kind, 'handled');
  const repeat = await answerWebhook(sentWebhook({ attempt: 2 }), options);
  assert.deepEqual([repeat.kind, repeat.status], ['repeat', 200]);
  assert.deepEqual(handled, ['server.started']);
});

test('without ids kept, a repeat is handled again', async () => {
  let count = 0;
  const options = { receiver, handle: () => count++ };
  await answerWebhook(sentWebhook(), options);
  await answerWebhook(sentWebhook(), options);
  assert.equal(count, 2);
});

test('what is not verified is never handled, and the answer tells the code alone', async () => {
  const handle = () => assert.fail('handled');
  const answer = await answerWebhook({ ...sentWebhook(), body: '{}' }, { receiver, handle });
  assert.equal(answer.kind, 'refused');
  assert.deepEqual([answer.status, answer.message], [401, 'signature_mismatch']);

  const tooLarge = Promise.reject(new WebhookError('body_too_large', 'too large'));
  const unread = await answerWebhook(tooLarge, { receiver, handle });
  assert.deepEqual([unread.kind, unread.status], ['refused', 413]);
});

test('a handler that throws, at once or later, is answered 500 with its error for the log only', async () => {
  const fault = new Error('the database password is wrong');
  for (const handle of [() => Promise.reject(fault), () => assert.fail(fault)]) {
    const answer = await answerWebhook(sentWebhook(), { receiver, handle });
    assert.deepEqual([answer.kind, answer.status], ['failed', 500]);
    assert.equal(answer.kind === 'failed' && answer.error, fault);
    assert.doesNotMatch(answer.message, /password/);
  }
  // A WebhookError of the handler's own says nothing about this request.
  const handle = () => Promise.reject(new WebhookError('missing_header', 'of another request'));
  assert.equal((await answerWebhook(sentWebhook(), { receiver, handle })).status, 500);
});
