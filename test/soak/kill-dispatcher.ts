/**
 * The dispatcher is killed (SIGKILL) in each gap of a delivery: after it was handed events and before
 * it sent, after it sent and before the answer, after the answer and before the record, after the
 * commit and before the acknowledgement. `node test/soak/kill-dispatcher.ts`, about two minutes.
 *
 * No switch in the program makes the gaps: a stopped process, a receiver that hangs, a locked table
 * and a stopped NATS hold it where it is to die.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@hookline/testing';
import {
  assertNothingLost,
  isBack,
  kill,
  type Scenario,
  startScenario,
} from '../crash/scenario.ts';

const EVENTS = 20;
const TAKEOVER_MAX_MS = 60_000;

/** Publishes events, brings the dispatcher into the gap, and answers how to let go of the rest. */
type Gap = (scenario: Scenario) => Promise<() => Promise<void> | void>;

const GAPS: Readonly<Record<string, Gap>> = {
  'received, not sent': async ({ stack, agent }) => {
    process.kill(await pidOf(stack, 'dispatcher'), 'SIGSTOP');
    agent.publishUpTo(EVENTS);
    await agent.untilConfirmed(EVENTS, TAKEOVER_MAX_MS);
    return () => {};
  },
  'sent, not answered': async ({ receiver, agent }) => {
    receiver.respondWith({ kind: 'hang' });
    agent.publishUpTo(EVENTS);
    await agent.untilConfirmed(EVENTS, TAKEOVER_MAX_MS);
    await receiver.waitFor(1);
    return () => receiver.respondWith(200);
  },
  'answered, not recorded': async ({ receiver, agent, pool }) => {
    const client = await pool.connect();
    await client.query('BEGIN; LOCK TABLE hookline.attempt_log IN EXCLUSIVE MODE');
    agent.publishUpTo(EVENTS);
    await agent.untilConfirmed(EVENTS, TAKEOVER_MAX_MS);
    await receiver.waitFor(EVENTS);
    return async () => {
      // A statement that waits for the lock would be carried out though its sender is dead.
      await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`);
      await client.query('ROLLBACK');
      client.release();
    };
  },
  'committed, not acknowledged': async ({ stack, receiver, agent, pool }) => {
    const nats = await pidOf(stack, 'nats');
    receiver.respondWith({ kind: 'respond', status: 200, afterMs: 900 });
    agent.publishUpTo(EVENTS);
    await agent.untilConfirmed(EVENTS, TAKEOVER_MAX_MS);
    await receiver.waitFor(1);
    process.kill(nats, 'SIGSTOP');
    await eventually(
      async () => {
        const { rows } = await pool.query(
          'SELECT count(*)::int AS count FROM hookline.attempt_log',
        );
        assert.ok(rows[0].count > 0);
      },
      { timeoutMs: TAKEOVER_MAX_MS },
    );
    return () => {
      process.kill(nats, 'SIGCONT');
      receiver.respondWith(200);
    };
  },
};

for (const [name, enter] of Object.entries(GAPS)) {
  test(`P1 P2 P3: nothing is lost or unexplained when the dispatcher dies between: ${name}`, async (t) => {
    await using scenario = await startScenario({ events: 0 });
    const leave = await enter(scenario);
    const { pid } = await kill(scenario.stack, 'dispatcher');
    await leave();
    await isBack(scenario.stack, 'dispatcher', pid);
    await assertNothingLost(scenario, t, TAKEOVER_MAX_MS);
  });
}

async function pidOf(stack: Scenario['stack'], name: 'dispatcher' | 'nats'): Promise<number> {
  const pid = (await stack.current())?.pids[name];
  assert.ok(typeof pid === 'number');
  return pid;
}
