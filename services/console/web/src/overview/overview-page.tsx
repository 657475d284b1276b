import { SegmentedControl, SimpleGrid, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, withQuery } from '../api/client.ts';
import type { OverviewJson } from '../api/types.ts';
import { useLive } from '../live/live.ts';
import { Loading } from '../parts/loading.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { LatencyChart, TrafficChart } from './charts.tsx';
import { Figures } from './figures.tsx';
import { LiveAttempts } from './live-attempts.tsx';

const DAY_REFETCH_MS = 30_000;

/** How everything fares, as it happens. */
export function OverviewPage() {
  const queries = useQueryClient();
  const [window, setWindow] = useState('hour');
  const { data, error } = useQuery({
    queryKey: ['overview', window],
    queryFn: () => call<OverviewJson>(withQuery('/console/overview', { window })),
    refetchInterval: window === 'day' ? DAY_REFETCH_MS : false,
  });
  useLive('overview', (overview) => queries.setQueryData(['overview', 'hour'], overview));
  return (
    <>
      <PageTitle title="Overview">
        <SegmentedControl
          size="xs"
          aria-label="Time"
          data={[
            { value: 'hour', label: 'Last hour' },
            { value: 'day', label: 'Last day' },
          ]}
          value={window}
          onChange={setWindow}
        />
      </PageTitle>
      <Trouble error={error} />
      {data === undefined ? (
        error === null && <Loading />
      ) : (
        <>
          <Figures overview={data} />
          <SimpleGrid cols={{ base: 1, lg: 2 }} my="lg">
            <TrafficChart overview={data} />
            <LatencyChart overview={data} />
          </SimpleGrid>
        </>
      )}
      <Title order={2} size="h4" mb="xs">
        Attempts as they end
      </Title>
      <LiveAttempts />
    </>
  );
}
