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
    ...latencyRows(results),
    ...appendRows(results),
    ...isolationRows(results),
    ...backlogRows(results),
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

function latencyRows({ latency }: BenchResults): Row[] {
  if (latency.length === 0) return [];
  const rate = whole(median(latency.map(({ eventsPerSecond }) => eventsPerSecond)));
  const p50 = median(latency.map(({ p50Ms }) => p50Ms)).toFixed(1);
  const p99 = median(latency.map(({ p99Ms }) => p99Ms)).toFixed(1);
  return [
    [`publish to receipt at ${rate} /s, p50`, `${p50} ms`, '', ''],
    [`publish to receipt at ${rate} /s, p99`, `${p99} ms`, '', ''],
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

function isolationRows({ isolation }: BenchResults): Row[] {
  return isolation.map(({ title, p99Ms, besideP99Ms, ratio }) => [
    `p99 of the others, ${title}`,
    `${p99Ms.toFixed(1)} ms`,
    `all well ${besideP99Ms.toFixed(1)} ms`,
    ratioText(ratio),
  ]);
}

function backlogRows({ backlog }: BenchResults): Row[] {
  return backlog.map(({ title, perSecond, besidePerSecond, ratio }) => [
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
