import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineSpec } from './command.ts';
import { flag, list, required, requiredList, value } from './option.ts';
import { parseArguments } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';
import { choice, id, integer, namedValue, secret, text } from './value-types.ts';

const spec = defineSpec({
  name: 'things make',
  summary: 'Makes things',
  arguments: { first: required(id('sub'), 'the first'), rest: list(text('rest'), 'the rest') },
  options: {
    limit: value(integer(1, 10), 'how many', { fallback: '5' }),
    state: list(choice(['active', 'paused']), 'which'),
    event: requiredList(text('type'), 'events'),
    header: list(namedValue(), 'headers'),
    key: value(secret('key', 'a key of 5 characters'), 'a key'),
    dry: flag('do nothing'),
  },
  examples: [],
});
const SUB = 'sub_01m80mhnh3e85tvw1gzgw007n1';

function faultsOf(...args: string[]): string[] {
  try {
    parseArguments(spec, args);
    return [];
  } catch (error) {
    assert.ok(error instanceof UsageError);
    assert.equal(error.command, 'things make');
    return error.message.split('\n');
  }
}

test('flags, lists, defaults and arguments without a name are read with their types', () => {
  const { arguments: named, options } = parseArguments(spec, [
    SUB,
    'a',
    '--event=x',
    '--state',
    'active',
    '--state',
    'paused',
    '--header',
    'X-Shop=7=8',
    '--dry',
    '--',
    '--b',
  ]);
  assert.deepEqual(named, { first: SUB, rest: ['a', '--b'] });
  assert.deepEqual(options.state, ['active', 'paused']);
  assert.deepEqual(options.header, [{ name: 'X-Shop', value: '7=8' }]);
  assert.equal(options.limit, 5);
  assert.equal(options.dry, true);
  assert.equal(options.json, false);
  assert.equal(options.key, undefined);
});

test('every fault is named with its flag, what is wrong and what would be right, all at once', () => {
  assert.deepEqual(
    faultsOf('evt_1', '--limit', '11', '--state', 'activ', '--dry=yes', '--header', 'no'),
    [
      '--dry: takes no value; leave out what follows the =',
      '--limit: "11" is not a whole number from 1 to 10',
      '--state: "activ" is not one of active, paused; did you mean active?',
      '--event: is missing; give a text that is not empty',
      '--header: "no" is not name=value, such as X-Shop=7',
      '<first>: "evt_1" is not an id that begins with sub_, followed by 26 characters',
    ],
  );
});

test('a flag that is not there is answered with the one that was meant', () => {
  assert.deepEqual(faultsOf(SUB, '--event', 'x', '--limt', '3'), [
    '--limt: there is no such flag; did you mean --limit?',
  ]);
  assert.match(faultsOf(SUB, '--event', 'x', '--something')[0] ?? '', /no such flag; see the help/);
});

test('a value that is missing, given twice, or one argument too many is told apart', () => {
  assert.match(
    faultsOf(SUB, '--event', 'x', '--limit')[0] ?? '',
    /--limit: needs a value, a whole number/,
  );
  assert.match(
    faultsOf(SUB, '--event', 'x', '--limit', '1', '--limit', '2')[0] ?? '',
    /is given 2 times/,
  );
  const plain = { ...spec, arguments: { first: spec.arguments.first } };
  assert.throws(() => parseArguments(plain, [SUB, 'b', '--event', 'x']), {
    message: '"b": is one argument too many; this command takes <first>',
  });
  assert.match(faultsOf('--event', 'x')[0] ?? '', /<first>: is missing; give an id/);
});

test('a secret is not repeated when it is at fault', () => {
  const refused = {
    ...spec,
    options: {
      ...spec.options,
      key: { ...spec.options.key, type: { ...secret('key', 'a key'), parse: () => undefined } },
    },
  };
  assert.throws(
    () => parseArguments(refused, [SUB, '--event', 'x', '--key', 'hk_very-secret']),
    (error: Error) => {
      assert.equal(error.message, '--key: a value of 14 characters is not a key');
      return true;
    },
  );
});
