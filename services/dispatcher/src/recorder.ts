import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@hookline/event-log';
import { createGroupCommit } from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type { AttemptRecord } from './domain/delivery.ts';
import type { DecidedAttempt, DispatchRecord } from './domain/dispatch-record.ts';
import { findRecorded, isDone, recordGroup } from './postgres/record.ts';

export interface RecorderOptions {
  readonly database: Database;
  readonly dispatcherId: string;
  readonly logger: Logger;
  /** Hears of every attempt that is on record. */
  readonly onRecorded: (attempt: DecidedAttempt) => void;
  /** Hears that deliveries were given up, after the commit. */
  readonly onDead: () => void;
  /** Hears that a line of an ordered subscription changed, after the commit. */
  readonly onLine: () => void;
}

export interface Recorder {
  /** Resolves once the record is committed. Rejects only when the recorder is stopped for good. */
  record(record: DispatchRecord): Promise<void>;
  /** Writes what waits, then stops. */
  stop(): Promise<void>;
}

const RECORDS_MAX = 500;
const QUEUED_MAX = 50_000;
/** Nobody waits for a record but the acknowledgement of its event: 200 commits a second are enough. */
const GROUPS_APART_MS = 5;
/** What failed waits for its retry anyway, and its statement costs several times as much. */
const FAILURES_APART_MS = 25;
const RETRY_MAX_MS = 2_000;

/**
 * The one writer of attempts: group commits of up to 500 records, side by side of those that are done
 * with their first attempts, of lines, whose next delivery waits for the record, and of all others: a
 * long backlog that is drained does not hold up what is fresh.
 *
 * While Postgres is away a group is tried again until it is written: nothing new is sent meanwhile,
 * since the dispatcher's heartbeat fails as well. How much can wait is bounded by what is under way.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { database, dispatcherId, logger } = options;
  const stopping = new AbortController();

  async function write(records: readonly DispatchRecord[]): Promise<undefined[]> {
    let group = records;
    for (let tries = 0; ; tries += 1) {
      try {
        const { dead } = await recordGroup(database.pool, { dispatcherId, records: group });
        for (const attempt of attemptsOf(records)) options.onRecorded(attempt);
        if (dead > 0) options.onDead();
        if (records.some(isOfLine)) options.onLine();
        return records.map(() => undefined);
      } catch (error) {
        logger.warn(
          { err: error, records: records.length, tries },
          `attempts wait to be recorded: ${reasonOf(error)}; is Postgres reachable?`,
        );
        if (stopping.signal.aborted && tries > 3) throw error;
        await delay(Math.min(50 * 2 ** tries, RETRY_MAX_MS));
        group = await withoutRecorded(records).catch(() => group);
      }
    }
  }

  /** The answer to a commit may have been lost: attempts that are on record are not written twice. */
  async function withoutRecorded(records: readonly DispatchRecord[]): Promise<DispatchRecord[]> {
    const attempts = attemptsOf(records).map((entry) => entry.attempt);
    if (attempts.length === 0) return [...records];
    const recorded = await findRecorded(database.pool, attempts);
    return records.filter(
      (record) => !firstAttempts(record).some((a) => recorded.has(a.attemptId)),
    );
  }

  const createGroups = (apartMs: number) =>
    createGroupCommit<DispatchRecord, undefined>({
      itemsMax: RECORDS_MAX,
      queuedMax: QUEUED_MAX,
      apartMs,
      write,
    });
  const done = createGroups(GROUPS_APART_MS);
  const ofLines = createGroups(GROUPS_APART_MS);
  const others = createGroups(FAILURES_APART_MS);
  const groupsOf = (record: DispatchRecord) => {
    if (isDone(record)) return done;
    return isOfLine(record) ? ofLines : others;
  };
  return {
    record: (record) => groupsOf(record).submit(record),
    async stop() {
      stopping.abort();
      await Promise.all([done, ofLines, others].map((groups) => groups.stop()));
    },
  };
}

function attemptsOf(records: readonly DispatchRecord[]): DecidedAttempt[] {
  return records.flatMap((record): readonly DecidedAttempt[] => {
    if (record.kind === 'settlement') return record.attempts;
    if (record.attempt === undefined || record.next.kind === 'cancelled') return [];
    return [{ attempt: record.attempt, decision: record.next }];
  });
}

function isOfLine(record: DispatchRecord): boolean {
  return record.kind === 'settlement'
    ? record.waiting.some(({ ordered }) => ordered)
    : record.delivery.ordered === true && record.next.kind !== 'retry';
}

/** A record is written whole or not at all, so that one attempt of it tells. */
function firstAttempts(record: DispatchRecord): AttemptRecord[] {
  return attemptsOf([record])
    .slice(0, 1)
    .map((entry) => entry.attempt);
}
