import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AcceptedEvent,
  compileTypePattern,
  type EventStatus,
  type Phase,
} from '@hookline/contracts';
import { getFormat } from '@hookline/webhook-formats';
import { attributeReader } from '../domain/attribute-values.ts';
import { compileExpression } from '../domain/compile-filter.ts';
import type { AttributeExpression, SubscriptionFilter } from '../domain/filter.ts';
import { settingsOf } from '../domain/settings-fixture.ts';
import { createFilterIndex, type Filed } from './filter-index.ts';
import { createPatternIndex } from './pattern-index.ts';

/** Numbers that look random and are the same in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function eventOf(given: Partial<AcceptedEvent> = {}): AcceptedEvent {
  return {
    id: 'evt_01jz0000000000000000000000',
    tenant: 'default',
    position: 1n,
    source: 'node-1',
    type: 'server.started',
    time: '2025-01-15T10:30:00Z',
    recordedAt: new Date('2025-01-15T10:30:00Z'),
    phase: 'post',
    ...((given.phase ?? 'post') === 'post' && { status: 'success' as const }),
    sequence: 1n,
    extensions: {},
    data: '{}',
    ...given,
  };
}

function takes(
  filter: Partial<SubscriptionFilter>,
  event: AcceptedEvent,
  format = 'standard',
): boolean {
  const index = createFilterIndex<Filed>();
  index.add({ format, filter: settingsOf({ filter }).filter });
  return index.match(event).length === 1;
}

const words = ['server', 'backup', 'completed', 'started', 'hookline', 'x'];

function randomName(random: (below: number) => number, wildcards: boolean): string {
  const pick = () => (wildcards && random(3) === 0 ? '*' : (words[random(words.length)] as string));
  return Array.from({ length: 1 + random(4) }, pick).join('.');
}

test('the tree of patterns agrees with compileTypePattern, while patterns come and go', () => {
  const random = createRandom(1);
  const index = createPatternIndex<{ pattern?: string }>(() => ({}));
  const filed = new Set<string>();
  for (let round = 0; round < 4_000; round += 1) {
    const pattern = randomName(random, true);
    if (filed.has(pattern) && random(2) === 0) {
      index.drop(pattern);
      filed.delete(pattern);
    } else {
      index.bucket(pattern).pattern = pattern;
      filed.add(pattern);
    }
    const name = randomName(random, false);
    const found: (string | undefined)[] = [];
    index.visit(name, (bucket) => found.push(bucket.pattern));
    const expected = [...filed].filter((each) => compileTypePattern(each)(name));
    assert.deepEqual(found.toSorted(), expected.toSorted(), name);
  }
  for (const pattern of filed) index.drop(pattern);
  assert.ok(index.isEmpty());
});

/** The rules once more, written down without any index. */
function naive({ format, filter }: Filed, event: AcceptedEvent): boolean {
  const views = getFormat(format)?.filterViews(event) ?? [];
  const phases = filter.phases.length === 0 ? ['post'] : filter.phases;
  const statuses = filter.statuses.length === 0 ? ['success'] : filter.statuses;
  return views.some(
    ({ name, phase, status }) =>
      filter.types.some((pattern) => compileTypePattern(pattern)(name)) &&
      phases.includes(phase) &&
      (status === undefined || statuses.includes(status)) &&
      (filter.subjects.length === 0 || filter.subjects.includes(event.subject ?? '\u0000')) &&
      filter.attributes.every((expression) => compileExpression(expression)(event)),
  );
}

test('the index of filters agrees with a naive evaluation, in every format, while filters come and go', () => {
  const random = createRandom(2);
  const types = [
    'server.started',
    'server.stopped',
    'server.powered_off',
    'server.backup.completed',
    'server.migration.started',
    'user.created',
    'hookline.ping',
    'x.y',
  ];
  const patterns = [
    ...types,
    '*',
    'server.*',
    'server.*.completed',
    'hookline.*',
    '*.*',
    '7',
    '1000',
    'catch.all',
    'server.boot',
    'vm.start',
    'server.error',
  ];
  const some = <T>(from: readonly T[], most: number): T[] =>
    from.filter(() => random(from.length) < most);
  const index = createFilterIndex<Filed>();
  const filed: Filed[] = [];
  let matches = 0;
  for (let round = 0; round < 3_000; round += 1) {
    if (filed.length > 0 && random(4) === 0) {
      const [item] = filed.splice(random(filed.length), 1);
      index.remove(item as Filed);
    } else {
      const attributes: AttributeExpression[] =
        random(4) === 0 ? [{ exact: { actor: 'api' } }] : [];
      const filter: SubscriptionFilter = {
        types: [patterns[random(patterns.length)] as string, ...some(patterns, 1)],
        statuses: some<EventStatus>(['success', 'fail'], 1),
        phases: some<Phase>(['pre', 'post'], 1),
        subjects: some(['srv_1', 'srv_2'], 1),
        attributes,
      };
      const format = ['standard', 'cdhosting', 'virtfusion', 'xen-orchestra'][random(4)] as string;
      const item = { format, filter: { ...filter, types: [...new Set(filter.types)] } };
      index.add(item);
      filed.push(item);
    }
    const phase: Phase = random(4) === 0 ? 'pre' : 'post';
    const event = eventOf({
      type: types[random(types.length)] as string,
      phase,
      ...(phase === 'post' && { status: random(3) === 0 ? 'fail' : 'success' }),
      ...(random(3) > 0 && { subject: `srv_${random(3)}` }),
      extensions: random(2) === 0 ? { actor: 'api' } : {},
    });
    const matched = index.match(event);
    matches += matched.length;
    assert.equal(new Set(matched).size, matched.length);
    assert.deepEqual(new Set(matched), new Set(filed.filter((item) => naive(item, event))));
  }
  assert.ok(matches > 10_000);
  for (const item of filed) index.remove(item);
  assert.ok(index.isEmpty());
});

test('a receiver that asks for nothing special never gets a failed start, nor one that has yet to happen', () => {
  assert.ok(takes({ types: ['server.started'] }, eventOf()));
  assert.ok(!takes({ types: ['server.started'] }, eventOf({ status: 'fail' })));
  assert.ok(!takes({ types: ['server.started'] }, eventOf({ phase: 'pre' })));
  assert.ok(takes({ types: ['*'], statuses: ['success', 'fail'] }, eventOf({ status: 'fail' })));
});

test('phase pre has to be listed, and is not asked for a status it does not have', () => {
  const pre = eventOf({ phase: 'pre' });
  assert.ok(takes({ phases: ['pre'] }, pre));
  assert.ok(takes({ phases: ['pre', 'post'], statuses: ['fail'] }, pre));
  assert.ok(!takes({ phases: ['pre'] }, eventOf()));
});

test('"*" never takes hookline.*, which needs its name or hookline.*', () => {
  const ping = eventOf({ type: 'hookline.ping' });
  assert.ok(!takes({ types: ['*'] }, ping));
  assert.ok(!takes({ types: ['*.*', '*.ping'] }, ping));
  assert.ok(takes({ types: ['hookline.ping'] }, ping));
  assert.ok(takes({ types: ['hookline.*'] }, ping));
});

test('cdhosting filters match projected names: stopped includes powered_off, failures are server.error', () => {
  const failed = eventOf({ status: 'fail' });
  assert.ok(
    takes({ types: ['server.stopped'] }, eventOf({ type: 'server.powered_off' }), 'cdhosting'),
  );
  assert.ok(!takes({ types: ['server.started'] }, failed, 'cdhosting'));
  assert.ok(!takes({ types: ['server.started'], statuses: ['fail'] }, failed, 'cdhosting'));
  assert.ok(takes({ types: ['server.error'] }, failed, 'cdhosting'));
  assert.ok(takes({ types: ['server.error'], statuses: ['success'] }, failed, 'cdhosting'));
  assert.ok(
    !takes({ types: ['*'], phases: ['pre', 'post'] }, eventOf({ phase: 'pre' }), 'cdhosting'),
  );
});

test('virtfusion filters take its names, ids and catch.all; xen-orchestra filters its methods', () => {
  for (const type of ['server.boot', '7', 'catch.all', '1000', 'server.started']) {
    assert.ok(takes({ types: [type] }, eventOf(), 'virtfusion'), type);
    assert.equal(takes({ types: [type] }, eventOf()), type === 'server.started', type);
  }
  assert.ok(takes({ types: ['vm.start'] }, eventOf(), 'xen-orchestra'));
  assert.ok(
    takes({ types: ['vm.start'], phases: ['pre'] }, eventOf({ phase: 'pre' }), 'xen-orchestra'),
  );
});

test('expressions see attributes, extensions and the payload, whose numbers are as they were published', () => {
  const event = eventOf({
    subject: 'srv_1',
    extensions: { actor: 'api' },
    data: ' {"server":{"hypervisor":"hv-1","memory":1.50,"on":true,"none":null},"a":1}',
  });
  const attributeOf = (from: AcceptedEvent, name: string) => attributeReader(name)(from);
  assert.equal(attributeOf(event, 'data.server.memory'), '1.50');
  assert.equal(attributeOf(event, 'data.server.on'), 'true');
  assert.equal(attributeOf(event, 'data.server'), undefined);
  assert.equal(attributeOf(event, 'data.server.none'), undefined);
  assert.equal(attributeOf(event, 'data.a.b'), undefined);
  assert.equal(attributeOf(event, 'constructor'), undefined);
  assert.equal(attributeOf(eventOf({ data: '[1]' }), 'data.0'), undefined);
  const hypervisor: AttributeExpression = { prefix: { 'data.server.hypervisor': 'hv-' } };
  assert.ok(
    takes({ attributes: [hypervisor, { exact: { actor: 'api', subject: 'srv_1' } }] }, event),
  );
  assert.ok(!takes({ attributes: [{ not: hypervisor }] }, event));
  assert.ok(
    takes(
      { attributes: [{ any: [{ exact: { actor: 'x' } }, { suffix: { subject: '_1' } }] }] },
      event,
    ),
  );
  assert.ok(!takes({ attributes: [{ all: [hypervisor, { exact: { reason: 'x' } }] }] }, event));
  assert.ok(takes({ attributes: [{ not: { exact: { reason: 'x' } } }] }, event));
});

test('one event among a hundred thousand subscriptions costs what it matches, not what there is (P9)', () => {
  const index = createFilterIndex<Filed & { readonly n: number }>();
  for (let n = 0; n < 100_000; n += 1) {
    const subjects = n % 2 === 0 ? [`srv_${n}`] : [];
    const types = n % 2 === 0 ? ['server.*'] : [`shop_${n}.*`];
    index.add({
      n,
      format: 'standard',
      filter: settingsOf({ filter: { types, subjects } }).filter,
    });
  }
  const measure = (runs: number) => {
    const began = performance.now();
    for (let run = 0; run < runs; run += 1) {
      assert.equal(index.match(eventOf({ subject: `srv_${run * 2}` })).length, 1);
    }
    return ((performance.now() - began) * 1_000) / runs;
  };
  measure(2_000);
  const microseconds = measure(2_000);
  // A walk over all of them takes milliseconds; the bound leaves room for a busy machine.
  assert.ok(microseconds < 200, `${microseconds.toFixed(1)} µs`);
});
