import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeJsonFault } from './json-fault.ts';

test('a text that is no JSON is told where it stops being JSON, and is not quoted', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{"url":', /^it ends where a value/],
    ['hello', /^at line 1, column 1 .* a value$/],
    ['{"a":1,}', /^at line 1, column 8 .* a name in double quotes$/],
    ["{'a':1}", /^at line 1, column 2 /],
    ['{\n  "a": 1\n  "b": 2\n}', /^at line 3, column 3 .* a comma/],
    ['[1,2', /^it ends where a comma/],
    ['[1 2]', /^at line 1, column 4 /],
    ['[}', /^at line 1, column 2 /],
    ['{} x', /^at line 1, column 4 .* the end$/],
    ['{"a":"secret\nvalue"}', /^at line 1, column 6 /],
    ['{"a":01}', /^at line 1, column 7 /],
    ['{"a":"\\x"}', /^at line 1, column 6 /],
    ['', /^it ends where a value/],
  ];
  for (const [text, expected] of cases) {
    assert.throws(() => JSON.parse(text));
    const fault = describeJsonFault(text);
    assert.match(fault, expected, text);
    assert.doesNotMatch(fault, /secret/);
  }
});
