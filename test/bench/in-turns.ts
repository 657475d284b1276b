import { median } from './statistics.ts';

/** Rows per second of what is measured and of what stands beside it. */
export interface RatesInTurns {
  readonly perSecond: number;
  readonly barePerSecond: number;
  /** Median of the rounds' ratios, each of two neighbours in time. */
  readonly ratio: number;
}

export interface InTurns<Rows> {
  readonly batch: number;
  readonly rounds: number;
  readonly secondsEach: number;
  readonly signal: AbortSignal;
  /** Makes a batch, outside of the time that is measured; `first` counts all rows so far. */
  readonly make: (batch: number, first: number) => Rows | Promise<Rows>;
  readonly write: (rows: Rows) => Promise<unknown>;
  readonly bare: (rows: Rows) => Promise<unknown>;
}

/**
 * Writes one batch by the one and one by the other, over and over, each the first every other time, so
 * that whatever else the machine does meets both alike.
 */
export async function measureInTurns<Rows>(options: InTurns<Rows>): Promise<RatesInTurns> {
  const rounds: { write: number; bare: number }[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    options.signal.throwIfAborted();
    rounds.push(await oneRound(options));
  }
  return {
    perSecond: median(rounds.map((round) => round.write)),
    barePerSecond: median(rounds.map((round) => round.bare)),
    ratio: median(rounds.map((round) => round.write / round.bare)),
  };
}

async function oneRound<Rows>({ batch, secondsEach, make, write, bare }: InTurns<Rows>) {
  let writeMs = 0;
  let bareMs = 0;
  let rows = 0;
  while (writeMs + bareMs < secondsEach * 2000) {
    const made = await make(batch, rows);
    rows += batch;
    const bareFirst = (rows / batch) % 2 === 0;
    if (bareFirst) bareMs += await durationOf(() => bare(made));
    writeMs += await durationOf(() => write(made));
    if (!bareFirst) bareMs += await durationOf(() => bare(made));
  }
  return { write: (rows * 1000) / writeMs, bare: (rows * 1000) / bareMs };
}

async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
