import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfirmations, monotonicUs } from './confirmations.ts';

const answer = (content: object) => Buffer.from(JSON.stringify(content));

test('a confirmation counts once, a rejection is no latency, and what is missing is awaited', () => {
  const confirmations = createConfirmations();
  for (const id of ['a', 'b', 'c']) confirmations.published(id, monotonicUs());
  confirmations.take(answer({ source_id: 'a', event_id: 'evt_1', position: 1 }));
  confirmations.take(answer({ source_id: 'a', event_id: 'evt_1', position: 1 }));
  confirmations.take(answer({ source_id: 'b', rejected: { code: 'x', reason: 'y' } }));
  const { latenciesUs, awaited, rejected } = confirmations.collect();
  assert.equal(latenciesUs.length, 1);
  assert.ok((latenciesUs[0] ?? -1) >= 0);
  assert.deepEqual({ awaited, rejected }, { awaited: 1, rejected: 1 });
  assert.deepEqual(confirmations.collect(), { latenciesUs: [], awaited: 1, rejected: 0 });
});
