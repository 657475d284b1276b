import {
  DomainError,
  durationFromMs,
  durationToMs,
  type GetOverviewRequest,
  idTimeMs,
  Overview,
  type OverviewStretch,
} from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { countsOf, eventsOf } from '../domain/overview.ts';
import {
  ATTEMPTS_OF_STRETCH_MAX,
  type AttemptsRow,
  COUNTED_MAX,
  type OverviewRows,
  readOverview,
} from '../postgres/overview.ts';

interface Window {
  readonly stretchMs: number;
  readonly stretches: number;
}

const HOUR: Window = { stretchMs: 60_000, stretches: 60 };
const DAY: Window = { stretchMs: 1_800_000, stretches: 48 };

/** GetOverview of a tenant. */
export async function getOverview(
  database: Database,
  tenant: string,
  request: GetOverviewRequest,
): Promise<Overview> {
  const { stretchMs, stretches } = readWindow(request);
  const nowMs = Date.now();
  // Stretches begin at full minutes, so that one that was shown stays as it was.
  const startMs = (Math.floor(nowMs / stretchMs) + 1 - stretches) * stretchMs;
  const rows = await readOverview(database.pool, { tenant, startMs, stretchMs, stretches });
  return toOverview(rows, { startMs, nowMs, stretchMs, stretches });
}

function readWindow({ window }: GetOverviewRequest): Window {
  const windowMs = window === undefined ? 3_600_000 : durationToMs(window);
  const found = [HOUR, DAY].find((each) => each.stretchMs * each.stretches === windowMs);
  if (found !== undefined) return found;
  const detail = 'is neither 1 h nor 24 h; ask for one of these, or leave it out for 1 h';
  throw new DomainError('invalid_argument', `window ${detail}`, {
    fields: [{ field: 'window', detail }],
  });
}

interface Times extends Window {
  readonly startMs: number;
  readonly nowMs: number;
}

function toOverview(rows: OverviewRows, times: Times): Overview {
  const { startMs, nowMs, stretchMs } = times;
  const byStretch = new Map(rows.attempts.map((row) => [row.stretch, row]));
  const eventsBy = new Map(rows.events.map((row) => [row.stretch, row.events]));
  const countedSinceMs = rows.eventsSince?.getTime();
  const stretches = Array.from({ length: times.stretches }, (_, index) => {
    const beginsMs = startMs + index * stretchMs;
    const isCounted = countedSinceMs === undefined || beginsMs >= countedSinceMs;
    const time = { startMs: beginsMs, endMs: Math.min(nowMs, beginsMs + stretchMs) };
    return {
      ...attemptsOf(byStretch.get(index), time),
      eventsCount: isCounted ? BigInt(eventsBy.get(index) ?? 0) : undefined,
    };
  });
  const sum = (counts: readonly bigint[]) => counts.reduce((total, count) => total + count, 0n);
  const counted = Number(sum(rows.events.map(({ events }) => BigInt(events))));
  return Overview.fromPartial({
    time: new Date(nowMs),
    stretches: stretches.map(({ isEstimate: _, ...stretch }) => stretch),
    eventsCount: BigInt(eventsOf(counted, { startMs, endMs: nowMs }, countedSinceMs)),
    attemptsCount: sum(stretches.map(({ attemptsCount }) => attemptsCount)),
    succeededCount: sum(stretches.map(({ succeededCount }) => succeededCount)),
    isEstimate: countedSinceMs !== undefined || stretches.some(({ isEstimate }) => isEstimate),
    latencyP50: durationOf(rows.latency.p50),
    latencyP95: durationOf(rows.latency.p95),
    latencyP99: durationOf(rows.latency.p99),
    waitingCount: BigInt(Math.min(rows.waiting, COUNTED_MAX)),
    moreAreWaiting: rows.waiting > COUNTED_MAX,
    deadLettersCount: BigInt(rows.deadLetters.open),
    moreAreDead: rows.deadLetters.looked >= COUNTED_MAX,
  });
}

function attemptsOf(
  row: AttemptsRow | undefined,
  time: { readonly startMs: number; readonly endMs: number },
): OverviewStretch & { readonly isEstimate: boolean } {
  const sample = {
    attempts: row?.attempts ?? 0,
    succeeded: row?.succeeded ?? 0,
    oldestMs: row === undefined ? time.startMs : idTimeMs(row.oldest_id),
  };
  const { attempts, succeeded, isEstimate } = countsOf(sample, time, ATTEMPTS_OF_STRETCH_MAX);
  return {
    startTime: new Date(time.startMs),
    attemptsCount: BigInt(attempts),
    succeededCount: BigInt(succeeded),
    latencyP50: durationOf(row?.p50 ?? null),
    latencyP95: durationOf(row?.p95 ?? null),
    isEstimate,
  };
}

function durationOf(ms: number | null) {
  return ms === null ? undefined : durationFromMs(ms);
}
