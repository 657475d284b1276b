import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import { startTestbed } from './test-gateway.ts';

const PATIENT = { timeoutMs: 20_000 };
const TENANTS = ['default', 'other', 'third'];
const SERVERS = ['s0', 's1', 's2'];

describe('shards of INGEST', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  let gateways: Awaited<ReturnType<typeof bed.gateway>>[] = [];
  before(async () => {
    bed = await startTestbed();
    await bed.tenant('third');
  });
  afterEach(async () => {
    for (const gateway of gateways) await gateway.stop();
    gateways = [];
  });
  after(() => bed.stop());

  const start = async (shards?: string) => {
    const gateway = await bed.gateway(shards === undefined ? {} : { shards });
    gateways.push(gateway);
    return gateway;
  };
  const read = () => gateways.map((gateway) => gateway.shardsRead().sort());

  test('one gateway reads every shard; a second one takes over what the first gives up', async () => {
    const first = await start('a=default;b=other');
    await eventually(() => assert.deepEqual(first.shardsRead().sort(), ['a', 'all', 'b']), PATIENT);
    const second = await start();
    await first.stop();
    await eventually(
      () => assert.deepEqual(second.shardsRead().sort(), ['a', 'all', 'b']),
      PATIENT,
    );
  });

  test('two gateways that start together share the shards, whatever their environment says', async () => {
    await (await start('a=default')).stop();
    gateways = [];
    await Promise.all([start(), start()]);
    await eventually(() => assert.deepEqual(read().flat().sort(), ['a', 'all']), PATIENT);
    assert.deepEqual(
      read().map((shards) => shards.length),
      [1, 1],
    );
  });

  test('P7: the layout changes while agents publish through two gateways, and every server keeps its order without a gap', async () => {
    await Promise.all([start('a=default;b=other'), start()]);
    let publishing = true;
    let rounds = 0;
    const agents = await Promise.all(TENANTS.map((tenant) => bed.agent(tenant, 'node-1')));
    const publish = async () => {
      while (publishing) {
        for (const agent of agents) {
          for (const server of SERVERS) {
            await agent.publish('server.noted', `{"server_id":"${server}","n":${rounds}}`);
          }
        }
        rounds += 1;
      }
    };
    const running = publish();
    const untilRound = (round: number) =>
      eventually(() => assert.ok(rounds >= round, `${rounds} rounds`), PATIENT);
    const layouts = ['a=default,other', 'a=third;b=default', 'none', 'c=other;d=third'];
    for (const [index, layout] of layouts.entries()) {
      await untilRound((index + 1) * 15);
      // A gateway that starts with another layout stores it, and every shard changes hands.
      await (await bed.gateway({ shards: layout })).stop();
    }
    await untilRound((layouts.length + 1) * 15);
    publishing = false;
    await running;
    const count = rounds * TENANTS.length * SERVERS.length;
    await eventually(async () => assert.equal((await bed.events()).length, count), PATIENT);
    const lines = Map.groupBy(await bed.events(), ({ line }) => line);
    assert.equal(lines.size, TENANTS.length * SERVERS.length);
    const numbers = Array.from({ length: rounds }, (_, n) => n);
    for (const [line, rows] of lines) {
      assert.deepEqual(
        rows.map(({ data }) => JSON.parse(data).n),
        numbers,
        `${line} is in publishing order`,
      );
      assert.deepEqual(
        rows.map(({ sequence }) => Number(sequence)),
        numbers.map((n) => n + 1),
        `${line} is numbered without a gap`,
      );
    }
    await eventually(() => assert.deepEqual(read().flat().sort(), ['all', 'c', 'd']), PATIENT);
  });
});
