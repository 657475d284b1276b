import { AreaChart, BarChart } from '@mantine/charts';
import { Card, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { OverviewJson } from '../api/types.ts';
import { duration } from '../parts/numbers.ts';

const HEIGHT_PX = 200;
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

interface Props {
  readonly overview: OverviewJson;
}

/** Attempts over time, good and failed. */
export function TrafficChart({ overview }: Props) {
  const data = overview.stretches.map(
    ({ start_at, attempts_count: all, succeeded_count: good }) => ({
      time: clock.format(new Date(start_at)),
      succeeded: good,
      failed: all - good,
    }),
  );
  return (
    <Chart title="Attempts">
      <BarChart
        h={HEIGHT_PX}
        data={data}
        dataKey="time"
        type="stacked"
        withLegend
        series={[
          { name: 'succeeded', color: 'green.7' },
          { name: 'failed', color: 'red.7' },
        ]}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
      />
    </Chart>
  );
}

/** How long attempts took over time. */
export function LatencyChart({ overview }: Props) {
  const data = overview.stretches.map(({ start_at, latency_p50_ms, latency_p95_ms }) => ({
    time: clock.format(new Date(start_at)),
    'half below': latency_p50_ms,
    '95 % below': latency_p95_ms,
  }));
  return (
    <Chart title="Latency">
      <AreaChart
        h={HEIGHT_PX}
        data={data}
        dataKey="time"
        withLegend
        dotProps={{ r: 2 }}
        connectNulls={false}
        valueFormatter={(value) => duration(value)}
        series={[
          { name: 'half below', color: 'blue.7' },
          { name: '95 % below', color: 'grape.7' },
        ]}
        areaChartProps={{ accessibilityLayer: false }}
        areaProps={{ isAnimationActive: false }}
      />
    </Chart>
  );
}

function Chart({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={title}>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      {/* The same numbers stand in the figures above and in the lists. */}
      <div aria-hidden>{children}</div>
    </Card>
  );
}
