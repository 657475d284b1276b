import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inboxPrefix } from '@hookline/contracts';
import { eventually } from '@hookline/testing';
import { headers } from 'nats';
import { connectAgentOf, startTestStack, type TestStack } from '../support/stack.ts';
import { type FurtherGateway, killReader, startFurtherGateway } from './gateways.ts';
import { runOrderScenario } from './order-scenario.ts';

/*
 * A source id counts per tenant, host and source. Over HTTP there is no host, over NATS it is the
 * agent's: the same id over both is two events by design, so each is raced against its own kind.
 */

const RACES = 100;
const RACES_AT_ONCE = 20;
const SEED = Number(process.env.HOOKLINE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const owned = new AsyncDisposableStack();
let stack: TestStack;
let further: readonly FurtherGateway[];

before(async () => {
  stack = owned.use(await startTestStack());
  further = await Promise.all([startFurtherGateway(stack), startFurtherGateway(stack)]);
  for (const gateway of further) owned.use(gateway);
});

after(() => owned.disposeAsync());

/** Event ids of a type, by the race they were published for. */
async function eventsOf(type: string): Promise<Map<number, string[]>> {
  const { rows } = await stack.query(
    `SELECT (data::json ->> 'race')::int AS race, event_id FROM hookline.event_log WHERE type = $1`,
    [type],
  );
  const found = Map.groupBy(rows as { race: number; event_id: string }[], (row) => row.race);
  return new Map([...found].map(([race, events]) => [race, events.map((row) => row.event_id)]));
}

async function publishOverHttp(ingest: string, race: number): Promise<string> {
  const response = await fetch(`${ingest}/ingest/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stack.endpoints.publisherKey}`,
      'content-type': 'application/json',
    },
    body: `{"type":"server.raced","id":"race-${race}","data":{"server_id":"srv_${race % 7}","race":${race}}}`,
  });
  const text = await response.text();
  assert.equal(response.status, 202, text);
  return (JSON.parse(text) as { ids: [string] }).ids[0];
}

test(`P1: ${RACES} times the same source id over HTTP through three gateways at once is one event, and every answer names it`, async (t) => {
  const gateways = [stack.endpoints.ingest, ...further.map(({ ingest }) => ingest)];
  const answers = new Map<number, string[]>();
  const startedAt = performance.now();
  for (let first = 0; first < RACES; first += RACES_AT_ONCE) {
    const races = Array.from(
      { length: Math.min(RACES_AT_ONCE, RACES - first) },
      (_, n) => first + n,
    );
    await Promise.all(
      races.map(async (race) => {
        // The gateway that comes first differs from race to race.
        const order = [...gateways.slice(race % 3), ...gateways.slice(0, race % 3)];
        answers.set(race, await Promise.all(order.map((ingest) => publishOverHttp(ingest, race))));
      }),
    );
  }
  t.diagnostic(`${RACES} races took ${Math.round(performance.now() - startedAt)} ms`);
  const events = await eventsOf('server.raced');
  assert.equal(events.size, RACES);
  for (const [race, ids] of events) {
    assert.equal(ids.length, 1, `race ${race} made one event`);
    assert.deepEqual(new Set(answers.get(race)), new Set(ids), `race ${race}`);
  }
});

test(`P1: ${RACES} source ids repeated over NATS while the reader is killed twice are one event each, and every confirmation names it`, async (t) => {
  const host = 'racer';
  const connection = await connectAgentOf(stack, { tenant: 'default', host });
  const answers = new Map<string, string[]>();
  const inbox = `${inboxPrefix('default', host)}.raced`;
  connection.subscribe(inbox, {
    callback: (_, message) => {
      const { source_id, event_id } = message.json<{ source_id: string; event_id?: string }>();
      answers.set(source_id, [...(answers.get(source_id) ?? []), event_id ?? message.string()]);
    },
  });
  const publish = (type: string, sourceId: string, race: number) => {
    const sent = headers();
    sent.set('Nats-Msg-Id', sourceId);
    sent.set('Hookline-Confirm-To', inbox);
    const data = `{"server_id":"srv_${race % 7}","race":${race}}`;
    connection.publish(`hv.default.${host}.${type}`, data, { headers: sent });
  };
  const publishAll = () => {
    for (let race = 0; race < RACES; race += 1) {
      publish('server.repeated', `repeat-${race}`, race);
    }
  };
  // JetStream itself drops a repeat within 100 ms; these are apart far enough to reach the readers.
  const repeating = setInterval(publishAll, 150);
  try {
    publishAll();
    const tookMs = [await killReader(stack), await killReader(stack)];
    t.diagnostic(`taken over after ${tookMs.map(Math.round).join(' and ')} ms`);
    await eventually(
      () => {
        const repeated = [...answers.values()].filter((ids) => ids.length > 1);
        assert.equal(repeated.length, RACES, 'repeats are answered too');
      },
      { timeoutMs: 20_000 },
    );
  } finally {
    clearInterval(repeating);
  }
  // INGEST is read in order: when the last one is answered, so are all before it.
  publish('server.settled', 'last', 0);
  await eventually(() => assert.ok(answers.has('last')), { timeoutMs: 20_000 });
  await connection.close();

  const events = await eventsOf('server.repeated');
  assert.equal(events.size, RACES);
  for (const [race, ids] of events) {
    assert.equal(ids.length, 1, `source id ${race} made one event`);
    assert.deepEqual(new Set(answers.get(`repeat-${race}`)), new Set(ids), `source id ${race}`);
  }
  const heard = [...answers.values()].reduce((sum, ids) => sum + ids.length, 0);
  t.diagnostic(`${heard} confirmations of ${RACES} events`);
});

// `npx pnpm soak:takeover` does the same with 40,000 events, as often as it is told.
test('P1 P7: 5,000 events of 200 servers keep their order and are numbered without a gap, though reading gateways are killed and paused, twice each', async (t) => {
  t.diagnostic(`HOOKLINE_TEST_SEED=${SEED}`);
  await runOrderScenario(stack, {
    serversPerAgent: 50,
    eventsPerServer: 25,
    kills: 2,
    pauses: 2,
    seed: SEED,
    limitMs: 60_000,
    report: (line) => t.diagnostic(line),
  });
});
