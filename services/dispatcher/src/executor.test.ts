import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExecutor, type Gate } from './executor.ts';

/** Tasks that run until they are told to end, and what has started so far. */
function createTasks() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const shed: string[] = [];
  return {
    started,
    shed,
    task: (name: string) => ({
      run() {
        started.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      },
      shed: () => void shed.push(name),
    }),
    async end(name: string) {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Lets every endpoint have the same. */
function gateOf(limit: number): Gate {
  const admitted = new Map<string, number>();
  const add = (id: string, more: number) => admitted.set(id, (admitted.get(id) ?? 0) + more);
  return {
    limit: () => limit,
    admit(id) {
      add(id, 1);
      return true;
    },
    giveBack: (id) => void add(id, -1),
    finished: (id) => void add(id, -1),
    room: (id) => Math.max(0, limit - (admitted.get(id) ?? 0)),
  };
}

const limits = () => ({ runningMax: 4, gate: gateOf(2), queuedPerEndpointMax: 3 });

test('P4: an endpoint runs no more than its share, and another one starts beside it', async () => {
  const executor = createExecutor(limits());
  const { started, task, end } = createTasks();
  for (const n of [1, 2, 3]) executor.submit('slow', task(`slow-${n}`));
  executor.submit('quick', task('quick-1'));
  assert.deepEqual(started, ['slow-1', 'slow-2', 'quick-1']);
  assert.equal(executor.room('slow'), 0);
  assert.equal(executor.room('quick'), 1);
  assert.equal(executor.room('unknown'), 2);
  await end('slow-2');
  assert.deepEqual(started.at(-1), 'slow-3');
  assert.equal(executor.running(), 3);
});

test('at the bound on all, endpoints that wait take turns', async () => {
  const executor = createExecutor({ ...limits(), runningMax: 1 });
  const { started, task, end } = createTasks();
  for (const n of [1, 2]) executor.submit('a', task(`a-${n}`));
  for (const n of [1, 2]) executor.submit('b', task(`b-${n}`));
  for (const name of ['a-1', 'a-2', 'b-1', 'b-2'])
    if (!started.includes(name)) await end(started.at(-1) ?? '');
  assert.deepEqual(started.slice(0, 3).sort(), ['a-1', 'a-2', 'b-1'].sort());
  await end(started.at(-1) ?? '');
  assert.equal(new Set(started).size, started.length);
});

test('a full queue takes no more, and a task that has not started can be taken back', async () => {
  const executor = createExecutor({
    runningMax: 1,
    gate: gateOf(1),
    queuedPerEndpointMax: 2,
  });
  const { started, task, end } = createTasks();
  const running = executor.submit('e', task('running'));
  const waiting = executor.submit('e', task('waiting'));
  const last = executor.submit('e', task('last'));
  assert.equal(executor.submit('e', task('refused')), undefined);
  assert.equal(running?.withdraw(), false);
  assert.equal(waiting?.withdraw(), true);
  assert.equal(waiting?.started(), false);
  await end('running');
  assert.deepEqual(started, ['running', 'last']);
  assert.equal(last?.started(), true);
});

test('P4: an endpoint that finishes nothing gets a short queue, one that works a long one', async () => {
  let nowMs = 0;
  const executor = createExecutor({
    runningMax: 10,
    gate: gateOf(1),
    queuedPerEndpointMax: 20,
    queuedPerEndpointMin: 2,
    now: () => nowMs,
  });
  const { task, started, end } = createTasks();
  const fill = (endpoint: string) => {
    let taken = 0;
    while (executor.submit(endpoint, task(`${endpoint}-${nowMs}-${taken}`)) !== undefined)
      taken += 1;
    return taken;
  };
  assert.equal(fill('hangs'), 21, 'one runs and twenty wait while nothing is known');
  assert.equal(fill('works'), 21);
  for (let n = 0; n < 12; n += 1)
    await end(started.filter((name) => name.startsWith('works')).at(-1) ?? '');
  nowMs = 1_000;
  assert.equal(fill('hangs'), 0, 'twenty wait where two may');
  assert.equal(fill('works'), 12 - 8, 'eight of twenty still wait where twelve may');
});

test('a pause holds back every start until it ends', () => {
  const executor = createExecutor(limits());
  const { started, task } = createTasks();
  executor.pause();
  executor.submit('e', task('held'));
  assert.deepEqual(started, []);
  executor.resume();
  assert.deepEqual(started, ['held']);
});

test('an endpoint that is held back gives its waiting tasks back, and each of them hears of it', async () => {
  const executor = createExecutor(limits());
  const { started, shed, task, end } = createTasks();
  for (const n of [1, 2, 3, 4]) executor.submit('held', task(`held-${n}`));
  const taken = executor.submit('held', task('held-5'));
  assert.equal(taken?.withdraw(), true);
  executor.shed('held');
  assert.deepEqual(shed, ['held-3', 'held-4'], 'one that its submitter took back hears nothing');
  await end('held-1');
  await end('held-2');
  assert.deepEqual(started, ['held-1', 'held-2']);
  assert.equal(executor.room('held'), 2);
});

test('a gate that lets nothing in is obeyed, and nothing is kept of the endpoint', () => {
  const gate = { ...gateOf(2), admit: (id: string) => id !== 'held' };
  const executor = createExecutor({ ...limits(), gate });
  const { started, task } = createTasks();
  assert.equal(executor.submit('held', task('held')), undefined);
  assert.ok(executor.submit('free', task('free')));
  assert.deepEqual(started, ['free']);
});
