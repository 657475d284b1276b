import type { AppendRate } from './append.ts';
import type { AttemptRate } from './attempts.ts';
import type { BacklogRate } from './backlog.ts';
import type { ConfirmLatency } from './confirm.ts';
import type { Isolation } from './isolation.ts';
import type { Latency } from './latency.ts';
import type { Machine } from './machine.ts';
import type { ReadRate } from './read.ts';
import { median } from './statistics.ts';
import type { SubscriptionFigures } from './subscriptions.ts';
import type { Throughput } from './throughput.ts';
import type { TracingRate } from './tracing.ts';

/** What was measured in one round, one after the other. */
export interface Round {
  readonly rawPerSecond?: number;
  readonly fanOut1?: Throughput;
  readonly fanOut10?: Throughput;
}

/** Everything measured, as it is written to bench-results.json. */
export interface BenchResults {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly rounds: readonly Round[];
  readonly latency: readonly Latency[];
  readonly confirm: readonly ConfirmLatency[];
  readonly append: readonly AppendRate[];
  readonly attempts: readonly AttemptRate[];
  /** Absent when it was not measured. */
  readonly read?: ReadRate;
  readonly subscriptions?: SubscriptionFigures;
  readonly isolation: readonly Isolation[];
  readonly backlog: readonly BacklogRate[];
  readonly tracing: readonly TracingRate[];
}

type FanOutName = 'fanOut1' | 'fanOut10';

/** The median rate of a fan-out; undefined when it was not measured. */
export function rateOf(rounds: readonly Round[], name: FanOutName): number | undefined {
  return medianOf(rounds.map((round) => round[name]?.deliveriesPerSecond));
}

/** Median of the ratios to the raw loop, each of the same round. */
export function ratioOf(rounds: readonly Round[], name: FanOutName): number | undefined {
  return medianOf(
    rounds.map(({ rawPerSecond, [name]: throughput }) =>
      rawPerSecond === undefined || throughput === undefined
        ? undefined
        : throughput.deliveriesPerSecond / rawPerSecond,
    ),
  );
}

export function rawRateOf(rounds: readonly Round[]): number | undefined {
  return medianOf(rounds.map((round) => round.rawPerSecond));
}

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}
