import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membersOf, replaceMembers, withoutMembers } from './json-members.ts';

test('members are found as JSON.parse finds them', () => {
  const text = '{"a":1e2,"b":{"c":[1,"}"]},"a":"\\"x\\"","":null,"e":[]}';
  const found = Object.fromEntries(
    [...membersOf(text)].map(([key, raw]) => [key, JSON.parse(raw)]),
  );
  assert.deepEqual(found, JSON.parse(text));
  assert.equal(membersOf('[{"a":1}]').size, 0);
  assert.equal(membersOf('').size, 0);
  assert.equal(membersOf(' {} ').size, 0);
});

test('values are replaced at any depth, all else stays', () => {
  const replace = (text: string) => replaceMembers(text, (key) => (key === 'k' ? '0' : undefined));
  const cases: [string, string][] = [
    ['{"k":1}', '{"k":0}'],
    ['[{"k":"a\\"}"},{"x":{"k":[1,{"k":2}]}}]', '[{"k":0},{"x":{"k":0}}]'],
    ['{ "k" : {"a":"]}"} , "b":"k","c":["k"] }', '{ "k" : 0 , "b":"k","c":["k"] }'],
    ['{"\\u006b":true}', '{"\\u006b":0}'],
    ['{"k":-1.5e3}', '{"k":0}'],
    ['[{"k":null}]', '[{"k":0}]'],
    ['"k"', '"k"'],
    ['{"a":"\\\\","k":1}', '{"a":"\\\\","k":0}'],
    ['{"a":"k\\":1"}', '{"a":"k\\":1"}'],
  ];
  for (const [text, expected] of cases) assert.equal(replace(text), expected, text);
});

test('removal and replacement agree with JSON.parse on thousands of random objects', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const keys = ['source', 'a', 'b"\\', 'größe', 'k', '{', ','];
  const value = (depth: number): unknown => {
    const kind = random(depth > 0 ? 7 : 5);
    if (kind === 5) return Array.from({ length: random(3) }, () => value(depth - 1));
    if (kind === 6) return object(depth - 1);
    return [null, random(1000) / 8, keys[random(keys.length)], true, ''][kind];
  };
  const object = (depth: number): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: random(5) }, () => [keys[random(keys.length)] ?? '', value(depth)]),
    );
  const replaced = (of: unknown): unknown =>
    JSON.parse(JSON.stringify(of), (key, inner: unknown) => (key === 'k' ? 0 : inner));
  for (let round = 0; round < 3000; round += 1) {
    const sample = object(3);
    const text = JSON.stringify(sample, undefined, random(3));
    const { source: _, ...rest } = sample;
    assert.deepEqual(JSON.parse(withoutMembers(text, new Set(['source']))), rest, text);
    const changed = replaceMembers(text, (key) => (key === 'k' ? '0' : undefined));
    assert.deepEqual(JSON.parse(changed), replaced(sample), text);
  }
});
