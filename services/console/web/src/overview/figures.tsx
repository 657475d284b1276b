import { Card, SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { OverviewJson } from '../api/types.ts';
import { To } from '../parts/links.tsx';
import { count, duration, percent } from '../parts/numbers.ts';

/** The numbers that say whether all is well. */
export function Figures({ overview }: { readonly overview: OverviewJson }) {
  const about = overview.is_estimate ? 'about ' : '';
  const { attempts_count: attempts, succeeded_count: succeeded } = overview;
  const more = (isMore: boolean) => (isMore ? '+' : '');
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, xl: 6 }}>
      <Figure name={<To href="/events">Events</To>} value={about + count(overview.events_count)} />
      <Figure name={<To href="/deliveries">Attempts</To>} value={about + count(attempts)} />
      <Figure name="Succeeded" value={percent(succeeded, attempts)} />
      <Figure
        name="Latency, half below"
        value={duration(overview.latency_p50_ms)}
        small={`95 %: ${duration(overview.latency_p95_ms)}, 99 %: ${duration(overview.latency_p99_ms)}`}
      />
      <Figure
        name="Waiting now"
        value={count(overview.waiting_count) + more(overview.more_are_waiting)}
      />
      <Figure
        name={<To href="/dead-letters">Dead letters</To>}
        value={count(overview.dead_letters_count) + more(overview.more_are_dead)}
      />
    </SimpleGrid>
  );
}

interface FigureProps {
  readonly name: ReactNode;
  readonly value: string;
  readonly small?: string;
}

function Figure({ name, value, small }: FigureProps) {
  return (
    <Card withBorder padding="sm">
      <Text size="sm" c="dimmed" component="div">
        {name}
      </Text>
      <div className="figure">{value}</div>
      {small !== undefined && (
        <Text size="xs" c="dimmed">
          {small}
        </Text>
      )}
    </Card>
  );
}
