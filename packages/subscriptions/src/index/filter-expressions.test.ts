import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AcceptedEvent } from '@hookline/contracts';
import { checkFilter } from '../domain/check-filter.ts';
import type { AttributeExpression, AttributeValues } from '../domain/filter.ts';
import { settingsOf } from '../domain/settings-fixture.ts';
import { createFilterIndex, type Filed } from './filter-index.ts';

/** Numbers that look random and are the same in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const random = createRandom(7);
const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;

const names = [
  'subject',
  'source',
  'actor',
  'reason',
  'status',
  'data.a',
  'data.b.c',
  'data.b',
  'data.n',
];
const values = ['', 'x', 'xy', 'yx', 'y', '1.50', 'true', 'success', 'fail'];

function randomValues(): AttributeValues {
  return Object.fromEntries(
    Array.from({ length: 1 + random(2) }, () => [pick(names), pick(values.slice(1))]),
  );
}

function randomExpression(depth: number): AttributeExpression {
  const list = () => Array.from({ length: 1 + random(3) }, () => randomExpression(depth + 1));
  switch (depth >= 4 ? random(3) : random(6)) {
    case 0:
      return { exact: randomValues() };
    case 1:
      return { prefix: randomValues() };
    case 2:
      return { suffix: randomValues() };
    case 3:
      return { all: list() };
    case 4:
      return { any: list() };
    default:
      return { not: randomExpression(depth + 1) };
  }
}

/** The attributes of an event as plain texts, written down beside the event. */
type Attributes = Readonly<Record<string, string | undefined>>;

function randomEvent(): { readonly event: AcceptedEvent; readonly attributes: Attributes } {
  const maybe = () => (random(3) === 0 ? undefined : pick(values));
  const [subject, actor, reason, a, c] = [maybe(), maybe(), maybe(), maybe(), maybe()];
  const number = random(2) === 0 ? '1.50' : 'true';
  const status = pick(['success', 'fail'] as const);
  const members = [
    ...(a === undefined ? [] : [`"a":${JSON.stringify(a)}`]),
    ...(c === undefined ? ['"b":null'] : [`"b":{"c":${JSON.stringify(c)}}`]),
    `"n":${number}`,
  ];
  const extensions = {
    ...(actor !== undefined && { actor }),
    ...(reason !== undefined && { reason }),
  };
  const event: AcceptedEvent = {
    id: 'evt_01jz0000000000000000000000',
    tenant: 'default',
    position: 1n,
    source: 'x',
    type: 'server.started',
    time: '2025-01-15T10:30:00Z',
    recordedAt: new Date('2025-01-15T10:30:00Z'),
    phase: 'post',
    status,
    sequence: 1n,
    extensions,
    data: `{ ${members.join(' , ')} }`,
    ...(subject !== undefined && { subject }),
  };
  const data = { 'data.a': a, 'data.b.c': c, 'data.b': undefined, 'data.n': number };
  return { event, attributes: { subject, source: 'x', actor, reason, status, ...data } };
}

/** The rules once more, over plain texts and without anything of the engine. */
function naive(expression: AttributeExpression, attributes: Attributes): boolean {
  const [[kind, content]] = Object.entries(expression) as [[string, unknown]];
  if (kind === 'not') return !naive(content as AttributeExpression, attributes);
  if (kind === 'all' || kind === 'any') {
    const truths = (content as AttributeExpression[]).map((part) => naive(part, attributes));
    return kind === 'all' ? !truths.includes(false) : truths.includes(true);
  }
  return Object.entries(content as AttributeValues).every(([name, wanted]) => {
    const text = attributes[name];
    if (text === undefined) return false;
    if (kind === 'exact') return text === wanted;
    return kind === 'prefix'
      ? text.slice(0, wanted.length) === wanted
      : text.slice(-wanted.length) === wanted;
  });
}

test('random expressions agree with a naive evaluation, alone and together, while filters come and go', () => {
  const index = createFilterIndex<Filed>();
  const filed: Filed[] = [];
  let matches = 0;
  for (let round = 0; round < 2_000; round += 1) {
    if (filed.length > 60 || (filed.length > 0 && random(3) === 0)) {
      const [item] = filed.splice(random(filed.length), 1);
      index.remove(item as Filed);
    } else {
      const filter = {
        statuses: ['success', 'fail'] as const,
        subjects: random(3) === 0 ? [pick(values), pick(values)] : [],
        attributes: Array.from({ length: random(3) }, () => randomExpression(1)),
      };
      const item = { format: 'standard', filter: settingsOf({ filter }).filter };
      index.add(item);
      filed.push(item);
    }
    const { event, attributes } = randomEvent();
    const expected = filed.filter(
      ({ filter }) =>
        (filter.subjects.length === 0 || filter.subjects.includes(event.subject ?? '\u0000')) &&
        filter.attributes.every((expression) => naive(expression, attributes)),
    );
    assert.deepEqual(new Set(index.match(event)), new Set(expected), JSON.stringify(attributes));
    matches += expected.length;
  }
  assert.ok(matches > 5_000, `${matches} matches`);
  for (const item of filed) index.remove(item);
  assert.ok(index.isEmpty());
});

test('limits of depth and size are refused with the limit and the place', () => {
  const faultsOf = (...attributes: AttributeExpression[]) =>
    checkFilter(settingsOf({ filter: { attributes } }).filter, undefined);
  const one: AttributeExpression = { exact: { actor: 'x' } };
  const nested = (depth: number): AttributeExpression =>
    depth === 1 ? one : { not: nested(depth - 1) };
  assert.deepEqual(faultsOf(nested(5)), []);
  assert.match(faultsOf(nested(6))[0]?.detail ?? '', /at most 5 deep/);
  const list = (count: number) => Array.from({ length: count }, () => one);
  assert.deepEqual(faultsOf({ any: list(20) }), []);
  assert.match(faultsOf({ any: list(21) })[0]?.detail ?? '', /at most 20/);
  assert.deepEqual(faultsOf(...Array.from({ length: 5 }, () => ({ all: list(20) }))), []);
  const [fault] = faultsOf(...Array.from({ length: 6 }, () => ({ all: list(20) })));
  assert.deepEqual(fault?.field, 'filter.attributes');
  assert.match(fault.detail, /at most 100/);
});
