import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementTexts, memberText, topLevelMembers } from './json-text.ts';

test('members are found with their bytes, whatever their spelling and layout', () => {
  const text = ' { "a" : "x\\"}y" ,\n"b":[1,{"c":"]"}],"d":1e2 ,"\\u0065":null,"f":{} }';
  const found = topLevelMembers(text).map((member) => [
    member.key,
    text.slice(member.valueStart, member.valueEnd),
  ]);
  assert.deepEqual(found, [
    ['a', '"x\\"}y"'],
    ['b', '[1,{"c":"]"}]'],
    ['d', '1e2'],
    ['e', 'null'],
    ['f', '{}'],
  ]);
});

test('a repeated key is listed each time, and the last of them is the member, as in JSON.parse', () => {
  const text = '{"a":1,"b":2,"a":3.0}';
  assert.equal(topLevelMembers(text).length, 3);
  assert.equal(memberText(text, 'a'), '3.0');
  assert.equal(memberText(text, 'z'), undefined);
});

test('an object without members has none, and backslashes before a quote do not end its string', () => {
  assert.deepEqual(topLevelMembers(' { } '), []);
  assert.equal(memberText('{"a":"\\\\","b":1}', 'a'), '"\\\\"');
  assert.equal(memberText('{"a":"\\\\\\"","b":1}', 'b'), '1');
});

test('every member of random JSON has the text that JSON.parse reads as its value', () => {
  let seed = 7;
  const random = (bound: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % bound;
  };
  const value = (depth: number): unknown => {
    const kind = random(depth > 3 ? 4 : 6);
    if (kind === 0) return random(1_000) / 8;
    if (kind === 1) return ['"', '\\', '}', 'é', '\n', ','].slice(0, random(6)).join('');
    if (kind === 2) return random(2) === 0;
    if (kind === 3) return null;
    const list = Array.from({ length: random(4) }, () => value(depth + 1));
    return kind === 4 ? list : Object.fromEntries(list.map((item, at) => [`k${at}"`, item]));
  };
  for (let round = 0; round < 500; round += 1) {
    const object = Object.fromEntries(
      Array.from({ length: random(5) }, (_, at) => [`m${at}`, value(0)]),
    );
    const text = JSON.stringify(object, null, random(3));
    for (const { key, valueStart, valueEnd } of topLevelMembers(text)) {
      assert.deepEqual(JSON.parse(text.slice(valueStart, valueEnd)), object[key]);
    }
    assert.equal(topLevelMembers(text).length, Object.keys(object).length);
  }
});

test('the elements of an array are found with their bytes', () => {
  assert.deepEqual(elementTexts(' [ 1e2 ,{"a":"]"} , [1,[2]],"x,\\"]",null]'), [
    '1e2',
    '{"a":"]"}',
    '[1,[2]]',
    '"x,\\"]"',
    'null',
  ]);
  assert.deepEqual(elementTexts('[7]'), ['7']);
  assert.deepEqual(elementTexts(' [ ] '), []);
});
