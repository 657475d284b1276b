import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import { startTestbed } from './test-gateway.ts';

const PATIENT = { timeoutMs: 60_000, intervalMs: 50 };
const CRASHING = resolve(import.meta.dirname, 'test-crashing-gateway.ts');

describe('messages at fault', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  let agent: Awaited<ReturnType<typeof bed.agent>>;
  before(async () => {
    bed = await startTestbed();
    agent = await bed.agent('default', 'node-1');
  });
  after(() => bed.stop());

  const publish = (id: string, data: string) =>
    agent.publish('server.noted', `{"server_id":"s",${data}}`, { 'Nats-Msg-Id': id });
  const answerTo = (id: string) =>
    eventually(() => {
      const answer = agent.answers.find(({ source_id }) => source_id === id);
      assert.ok(answer, `no answer to ${id}`);
      return answer;
    }, PATIENT);
  const idsInLog = async () => (await bed.events()).map(({ data }) => JSON.parse(data).n);

  /** Has Postgres answer an append with an internal error. */
  const breakAppendsOf = (condition: string) =>
    bed.pool.query(`
      CREATE OR REPLACE FUNCTION public.break_append() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF ${condition} THEN RAISE EXCEPTION 'broken on purpose' USING ERRCODE = 'XX000'; END IF;
        RETURN NEW;
      END $$;
      CREATE OR REPLACE TRIGGER break_append BEFORE INSERT ON hookline.event_log
        FOR EACH ROW EXECUTE FUNCTION public.break_append();`);
  const mendAppends = () => bed.pool.query('DROP TRIGGER break_append ON hookline.event_log');

  test('P1 one that Postgres cannot append is rejected, and its neighbours go in, in order', async () => {
    await (await bed.gateway()).stop();
    await breakAppendsOf(`NEW.data LIKE '%"cursed"%'`);
    for (const n of [1, 2]) await publish(`n${n}`, `"n":${n}`);
    await publish('cursed', '"n":"cursed"');
    for (const n of [3, 4]) await publish(`n${n}`, `"n":${n}`);
    const gateway = await bed.gateway();
    const refused = await answerTo('cursed');
    assert.equal(refused.rejected?.code, 'unappendable');
    assert.match(refused.rejected?.reason ?? '', /broken on purpose/);
    await answerTo('n4');
    assert.deepEqual(await idsInLog(), [1, 2, 3, 4]);
    const [kept] = await bed.rejected();
    assert.equal(kept?.code, 'unappendable');
    assert.match(String(kept?.payload), /cursed/);
    await mendAppends();
    await gateway.stop();
  });

  test('P1 while nothing at all can be appended nothing is rejected, and all goes in when that is mended', async () => {
    const gateway = await bed.gateway();
    await breakAppendsOf('true');
    const before = (await bed.rejected()).length;
    for (const n of [5, 6]) await publish(`n${n}`, `"n":${n}`);
    // Each append burns numbers of the log: enough of them shows that it was tried one by one.
    const numbers = async () => {
      const { rows } = await bed.pool.query<{ n: bigint }>(
        'SELECT last_value AS n FROM hookline.event_position',
      );
      return Number(rows[0]?.n);
    };
    const first = await numbers();
    await eventually(async () => assert.ok((await numbers()) > first + 30), PATIENT);
    assert.equal((await bed.rejected()).length, before);
    await mendAppends();
    await answerTo('n6');
    assert.deepEqual((await idsInLog()).slice(-2), [5, 6]);
    assert.equal((await bed.rejected()).length, before);
    await gateway.stop();
  });

  test('P1 one that every gateway dies of is found out and rejected unread, and its neighbours go in, in order', async () => {
    for (const n of [7, 8]) await publish(`n${n}`, `"n":${n}`);
    await publish('deadly', '"n":"deadly"');
    for (const n of [9, 10]) await publish(`n${n}`, `"n":${n}`);
    let deaths = 0;
    let stopped = false;
    let running: ReturnType<typeof spawn> | undefined;
    const respawn = async () => {
      while (!stopped) {
        running = spawn(process.execPath, [CRASHING], {
          env: {
            ...process.env,
            GATEWAY_CONFIG: JSON.stringify(bed.config),
            NODE_TEST_CONTEXT: undefined,
          },
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        await once(running, 'exit');
        deaths += 1;
      }
    };
    const supervising = respawn();
    try {
      const refused = await answerTo('deadly');
      assert.equal(refused.rejected?.code, 'poison');
      await answerTo('n10');
      // The answer comes before what is behind the reader is written down.
      await eventually(async () => {
        const { rows } = await bed.pool.query('SELECT crashes, trying FROM hookline.ingest_reader');
        assert.deepEqual(rows, [{ crashes: 0, trying: null }]);
      }, PATIENT);
    } finally {
      stopped = true;
      running?.kill('SIGKILL');
      await supervising;
    }
    // Five times in a batch, the sixth time alone, and one more for the end of the test.
    assert.ok(deaths >= 6 && deaths <= 9, `${deaths} deaths`);
    assert.deepEqual((await idsInLog()).slice(-4), [7, 8, 9, 10]);
    const kept = (await bed.rejected()).find(({ code }) => code === 'poison');
    assert.match(String(kept?.payload), /deadly/);
  });
});
