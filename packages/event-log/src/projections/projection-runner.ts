import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../database.ts';
import { acquireLease, type Lease, releaseLease } from '../lease.ts';
import { LOG_START, type LogCheckpoint } from '../logged-event.ts';
import { readLog } from '../read-log.ts';
import type { Projection } from './projection.ts';
import { applyPage, lockSlot, oldestKeptDay, targetOf } from './projection-slot.ts';

export interface ProjectionRunnerOptions {
  /** How often to look for new events when there were none, and for the lease; default 1,000. */
  readonly pollMs?: number;
  /** Hears of every failure; the runner tries again after `retryMs`. */
  readonly onError?: (error: unknown) => void;
  /** Default 5,000. */
  readonly retryMs?: number;
}

export interface ProjectionRunner {
  /** Begins to follow the log, as soon as no other runner of this projection does. */
  start(): void;
  /** Ends after the page under way, and gives the lease up. */
  stop(): Promise<void>;
  /** Something was appended: look now. */
  wake(): void;
  /** One page, without the lease and the loop. How many events it had; 0 when there is no more. */
  runOnce(): Promise<number>;
}

/** The rows were folded by another version than this program's; they stay as they are. */
export class ProjectionVersionError extends Error {
  override readonly name = 'ProjectionVersionError';
}

const LEASE_MS = 15_000;
const FORGET_EVERY_MS = 60 * 60 * 1000;

/**
 * Keeps a projection's live tables up with the log.
 *
 * One runner at a time works, under a lease; that spares work only. Correctness rests on the
 * checkpoint, which is locked, compared and moved in the transaction that writes the rows: a page is
 * folded once, whoever else runs, and while a rebuild is swapped in.
 */
export function createProjectionRunner(
  database: Database,
  projection: Projection,
  options: ProjectionRunnerOptions = {},
): ProjectionRunner {
  const { pollMs = 1000, retryMs = 5000, onError } = options;
  const holder = randomUUID();
  const name = `projection:${projection.name}`;
  const stopping = new AbortController();
  let rousing = new AbortController();
  let running: Promise<void> | undefined;
  let forgottenAt = Number.NEGATIVE_INFINITY;
  let held: Lease | undefined;

  async function runOnce(): Promise<number> {
    const after = await startingPoint(database, projection);
    const page = await readLog(database.pool, { after });
    if (page.events.length === 0) return 0;
    await applyPage(database, projection, { ...page, slot: 'live', after });
    return page.events.length;
  }

  async function pause(ms: number): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, rousing.signal]);
    await delay(ms, undefined, { signal }).catch(() => undefined);
    rousing = new AbortController();
  }

  async function step(): Promise<number> {
    const lease = await acquireLease(database.pool, { name, holder, durationMs: LEASE_MS });
    if (lease === undefined) return pollMs;
    held = lease;
    const events = await runOnce();
    if (events > 0) return 0;
    if (performance.now() - forgottenAt > FORGET_EVERY_MS) {
      await forgetExpired(database, projection);
      forgottenAt = performance.now();
    }
    return pollMs;
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = await step().catch((error: unknown) => {
        onError?.(error);
        return retryMs;
      });
      if (waitMs > 0) await pause(waitMs);
    }
    if (held !== undefined) await releaseLease(database.pool, held).catch(() => undefined);
  }

  return {
    start() {
      running ??= loop();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    wake: () => rousing.abort(),
    runOnce,
  };
}

/** Removes from the live tables what the log no longer has. */
async function forgetExpired(database: Database, projection: Projection): Promise<void> {
  const oldest = await oldestKeptDay(database.kysely);
  if (oldest === undefined || projection.forget === undefined) return;
  await database.kysely.transaction().execute(async (transaction) => {
    await lockSlot(transaction, projection.name, 'live');
    await projection.forget?.(oldest, targetOf(transaction, 'live'));
  });
}

async function startingPoint(database: Database, projection: Projection): Promise<LogCheckpoint> {
  const { name, version } = projection;
  const db = database.kysely;
  const find = () =>
    db
      .selectFrom('hookline.projection')
      .select(['version', 'checkpoint'])
      .where('name', '=', name)
      .where('slot', '=', 'live')
      .executeTakeFirst();
  let row = await find();
  if (row === undefined) {
    await db
      .insertInto('hookline.projection')
      .values({ name, slot: 'live', version, checkpoint: LOG_START })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    row = await find();
  }
  if (row === undefined || row.version !== version) {
    throw new ProjectionVersionError(
      `projection ${name} was folded by version ${row?.version ?? 'none'} and this program has ${version}: run "npx pnpm projections rebuild ${name}" of the newer one`,
    );
  }
  return row.checkpoint as LogCheckpoint;
}
