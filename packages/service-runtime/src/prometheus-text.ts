import type { HistogramSeries, MetricFamily } from '@hookline/telemetry';

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeText(value)}"`)
    .join(',');
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${Number.isNaN(value) ? 'NaN' : value}`;
}

function histogramLines(name: string, bounds: readonly number[], series: HistogramSeries) {
  const labels = labelText(series.labels);
  const prefix = labels === '' ? '' : `${labels},`;
  let below = 0;
  const lines = bounds.map((bound, index) => {
    below += series.counts[index] ?? 0;
    return line(`${name}_bucket`, `${prefix}le="${bound}"`, below);
  });
  return [
    ...lines,
    line(`${name}_bucket`, `${prefix}le="+Inf"`, series.count),
    line(`${name}_sum`, labels, series.sum),
    line(`${name}_count`, labels, series.count),
  ];
}

function seriesLines(family: MetricFamily): string[] {
  const { name } = family;
  if (family.type === 'histogram') {
    return family.series.flatMap((series) => histogramLines(name, family.bounds, series));
  }
  return family.series.map(({ labels, value }) => line(name, labelText(labels), value));
}

/** Metrics in the Prometheus text format, version 0.0.4. */
export function prometheusText(families: readonly MetricFamily[]): string {
  const lines = families.flatMap((family) => [
    `# HELP ${family.name} ${family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${family.name} ${family.type}`,
    ...seriesLines(family),
  ]);
  return `${lines.join('\n')}\n`;
}
