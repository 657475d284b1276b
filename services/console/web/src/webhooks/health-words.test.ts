import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsOfNoAttempt, wordsOfRate } from './health-words.ts';

test('no limit of requests is told from a low one', () => {
  assert.equal(wordsOfRate(0), 'none');
  assert.equal(wordsOfRate(0.01), '0.01 a second');
  assert.equal(wordsOfRate(10 / 3), '3.33 a second');
  assert.equal(wordsOfRate(50), '50 a second');
});

test('a head is stuck only if the webhook is not held as a whole', () => {
  assert.equal(wordsOfNoAttempt('active'), 'none: it is stuck');
  assert.equal(wordsOfNoAttempt('paused'), 'when it is no longer paused');
});
