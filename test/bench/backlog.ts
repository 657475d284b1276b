import pg from 'pg';
import { type BesideOptions, untilNothingWaits } from './isolation.ts';
import { median } from './statistics.ts';
import { measureThroughput } from './throughput.ts';

/** The rate of fresh events beside something that waits, and without it. */
export interface BacklogRate {
  readonly title: string;
  readonly perSecond: number;
  readonly besidePerSecond: number;
  readonly ratio: number;
}

const WAITING = 1_000_000;
const SUBSCRIPTIONS = 1_000;
const WINDOW = 500;

/** Waiting deliveries of subscriptions that are due in an hour, as after a day of failures. */
const INSERT_WAITING = `
WITH rows AS (
  INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
    line, sequence, due_at, attempts_count, attempt_number)
  SELECT 'dlv_bench_' || n, 'sub_bench_' || n % $2::int, 'default', 'evt_bench_' || n, 'bench.waiting', now(),
    'bench', n, now() + interval '1 hour' + n * interval '1 ms', 1, 1
  FROM generate_series(1, $1::int) n RETURNING subscription_id, due_at
)
INSERT INTO hookline.backlog (subscription_id, next_due_at, waiting)
SELECT subscription_id, min(due_at), count(*) FROM rows GROUP BY subscription_id ORDER BY subscription_id`;

const REMOVE = `
WITH gone AS (DELETE FROM hookline.schedule WHERE delivery_id LIKE 'dlv_bench_%')
DELETE FROM hookline.backlog WHERE subscription_id LIKE 'sub_bench_%'`;

/** Fresh events beside a million deliveries that wait, right after the same without. */
export async function measureBacklog(options: BesideOptions): Promise<BacklogRate[]> {
  const { flow, endpoints, seconds, rounds } = options;
  const pool = new pg.Pool({ connectionString: endpoints.postgres, max: 1 });
  const rate = async () =>
    (await measureThroughput(flow, { fanOut: 1, seconds, window: WINDOW })).deliveriesPerSecond;
  const title = `${WAITING.toLocaleString('en')} deliveries wait`;
  try {
    const pairs: { perSecond: number; besidePerSecond: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const besidePerSecond = await rate();
      await pool.query(INSERT_WAITING, [WAITING, SUBSCRIPTIONS]);
      await pool.query('ANALYZE hookline.schedule, hookline.backlog');
      const perSecond = await rate();
      pairs.push({ besidePerSecond, perSecond });
      console.log(
        `${title}: ${Math.round(perSecond)} /s, without ${Math.round(besidePerSecond)} /s`,
      );
      await pool.query(REMOVE);
      await untilNothingWaits(flow, pool);
    }
    const ratio = median(pairs.map((pair) => pair.perSecond / pair.besidePerSecond));
    const perSecond = median(pairs.map((pair) => pair.perSecond));
    const besidePerSecond = median(pairs.map((pair) => pair.besidePerSecond));
    return [{ title, perSecond, besidePerSecond, ratio }];
  } finally {
    await pool.end();
  }
}
