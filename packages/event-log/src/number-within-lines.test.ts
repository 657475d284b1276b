import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberWithinLines, sequencesOf } from './number-within-lines.ts';

test('each line counts its own events, in their order, up to its new end', () => {
  const numbering = numberWithinLines(['b', 'a', 'b', 'b', 'a']);
  assert.deepEqual(
    numbering.lines.map(({ line, added }) => [line, added]),
    [
      ['a', 2],
      ['b', 3],
    ],
  );
  assert.deepEqual(sequencesOf(numbering, [12n, 3n]), [1n, 11n, 2n, 3n, 12n]);
});

test('lines are sorted by their bytes, as the collation C sorts them', () => {
  // In UTF-16 the surrogates of the first sort before the second.
  const { lines } = numberWithinLines(['\u{1f600}', '\uff01', 'z', 'Z']);
  assert.deepEqual(
    lines.map(({ line }) => line),
    ['Z', 'z', '\uff01', '\u{1f600}'],
  );
});
