import type { Latency } from './latency.ts';
import { type BenchResults, rateOf, ratioOf, rawRateOf } from './results.ts';
import { median } from './statistics.ts';

/** Measurement, figure, what it is compared with, ratio. */
type Row = readonly [string, string, string, string];

const HEAD: Row = ['measured', 'figure', 'beside it', 'ratio'];

/** The results for a person: medians of the rounds. */
export function resultTable(results: BenchResults): string {
  const rows = [
    HEAD,
    ...deliveryRows(results),
    ...latencyRows('publish to receipt', results.latency),
    ...latencyRows('publish to confirmed', results.confirm),
    ...appendRows(results),
    ...attemptRows(results),
    ...readRows(results),
    ...subscriptionRows(results),
    ...isolationRows(results),
    ...backlogRows(results.backlog),
    ...backlogRows(results.tracing),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   '),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('   ');
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function deliveryRows({ rounds }: BenchResults): Row[] {
  const raw = rawRateOf(rounds);
  const beside = raw === undefined ? '' : `raw loop ${whole(raw)} /s`;
  const row = (title: string, name: 'fanOut1' | 'fanOut10'): Row[] => {
    const rate = rateOf(rounds, name);
    if (rate === undefined) return [];
    return [[title, `${whole(rate)} /s`, beside, ratioText(ratioOf(rounds, name))]];
  };
  return [
    ...(raw === undefined ? [] : [['raw loop of signed POSTs', `${whole(raw)} /s`, '', ''] as Row]),
    ...row('delivered, fan-out 1', 'fanOut1'),
    ...row('delivered, fan-out 10', 'fanOut10'),
  ];
}

function latencyRows(title: string, measured: readonly Latency[]): Row[] {
  if (measured.length === 0) return [];
  const rate = whole(median(measured.map(({ eventsPerSecond }) => eventsPerSecond)));
  const p50 = median(measured.map(({ p50Ms }) => p50Ms)).toFixed(1);
  const p99 = median(measured.map(({ p99Ms }) => p99Ms)).toFixed(1);
  return [
    [`${title} at ${rate} /s, p50`, `${p50} ms`, '', ''],
    [`${title} at ${rate} /s, p99`, `${p99} ms`, '', ''],
  ];
}

function appendRows({ append }: BenchResults): Row[] {
  return append.map(({ batch, appendsPerSecond, barePerSecond, ratio }) => [
    `appended, batches of ${batch}`,
    `${whole(appendsPerSecond)} /s`,
    `bare insert ${whole(barePerSecond)} /s`,
    ratioText(ratio),
  ]);
}

function attemptRows({ attempts }: BenchResults): Row[] {
  return attempts.map(({ batch, attemptsPerSecond, barePerSecond, ratio }) => [
    `attempts recorded, batches of ${batch}`,
    `${whole(attemptsPerSecond)} /s`,
    `bare insert ${whole(barePerSecond)} /s`,
    ratioText(ratio),
  ]);
}

function isolationRows({ isolation }: BenchResults): Row[] {
  return isolation.map(({ title, p99Ms, besideP99Ms, ratio }) => [
    `p99 of the others, ${title}`,
    `${p99Ms.toFixed(1)} ms`,
    `all well ${besideP99Ms.toFixed(1)} ms`,
    ratioText(ratio),
  ]);
}

function readRows({ read }: BenchResults): Row[] {
  if (read === undefined) return [];
  return [
    [`log of ${whole(read.events)} events read`, `${whole(read.eventsPerSecond)} /s`, '', ''],
  ];
}

function subscriptionRows({ subscriptions }: BenchResults): Row[] {
  if (subscriptions === undefined) return [];
  const { count, createsPerSecond, listPageMs, indexLoadMs, matchMicroseconds } = subscriptions;
  const among = `${whole(count)} subscriptions`;
  return [
    ['subscriptions created over gRPC', `${whole(createsPerSecond)} /s`, '', ''],
    ['a page of 50 listed, p50', `${listPageMs.toFixed(1)} ms`, among, ''],
    ['the index loaded', `${whole(indexLoadMs)} ms`, among, ''],
    ['one event matched, p50', `${matchMicroseconds.toFixed(1)} µs`, among, ''],
  ];
}

function backlogRows(measured: BenchResults['backlog']): Row[] {
  return measured.map(({ title, perSecond, besidePerSecond, ratio }) => [
    `delivered, fan-out 1, ${title}`,
    `${whole(perSecond)} /s`,
    `without ${whole(besidePerSecond)} /s`,
    ratioText(ratio),
  ]);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? '' : ratio.toFixed(2);
}
