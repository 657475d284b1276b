/**
 * Rebuilds a projection over many events while writes go on, and checks that it equals the live
 * one: `node test/soak/rebuild-projection.ts [events]`, by default 200,000, on a PostgreSQL of its own.
 */
import {
  checkProjection,
  createProjectionRunner,
  LOG_START,
  migrate,
  openDatabase,
  readLog,
  rebuildProjection,
  serverProjection,
} from '@hookline/event-log';
import { createTestDatabase } from '@hookline/testing';
import { appendEvents } from '../../packages/event-log/src/append-events.ts';
import { eventOf } from '../../packages/event-log/src/fixtures.ts';

const EVENTS = Number(process.argv[2] ?? 200_000);
const SERVERS = 2_000;
const BATCH = 500;
const FILLER = 'y'.repeat(330);

await using created = await createTestDatabase({ migrate });
await using owner = openDatabase({ url: created.url, statementTimeoutMs: 0 });
await using service = openDatabase({ url: created.url, role: 'hookline_service' });

await timed(`append of ${EVENTS} events`, EVENTS, async () => {
  for (let from = 0; from < EVENTS; from += BATCH) await append(from, BATCH);
});
await timed('read from the start to the end', EVENTS, async () => {
  for (let after = LOG_START; ; ) {
    const page = await readLog(service.pool, { after });
    if (page.events.length === 0) return;
    after = page.checkpoint;
  }
});

const runner = createProjectionRunner(service, serverProjection, { pollMs: 20 });
runner.start();
let writing = true;
let written = 0;
const writes = (async () => {
  for (; writing; written += 20) await append(written, 20);
})();
await timed('rebuild while writes go on', EVENTS, () => rebuildProjection(owner, serverProjection));
const check = await checkProjection(owner, serverProjection);
writing = false;
await writes;
await runner.stop();
console.log(`${written} events were written meanwhile; the check folded ${check.events}`);
for (const { table, rows, missing, unexpected } of check.tables) {
  console.log(`${table}: ${rows} rows, ${missing} missing, ${unexpected} unexpected`);
}
process.exitCode = check.equal ? 0 : 1;

async function append(from: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => {
    const server = `srv_${(from + n) % SERVERS}`;
    return eventOf({ server, data: `{"name":"n-${from + n}","x":"${FILLER}"}` });
  });
  await appendEvents(service.pool, events, { dedupeDays: 7 });
}

async function timed(what: string, events: number, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${what}: ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} events/s`);
}
