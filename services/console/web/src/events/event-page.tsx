import { SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { EventJson } from '../api/types.ts';
import { DeliveriesTable } from '../deliveries/deliveries-table.tsx';
import { Code } from '../parts/code.tsx';
import { Facts } from '../parts/facts.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { ServerTimeline } from './server-timeline.tsx';

/** One event: its envelope, its server's life around it, and who got it. */
export function EventPage({ id }: { readonly id: string }) {
  const { data: event, error } = useQuery({
    queryKey: ['event', id],
    queryFn: () => call<EventJson>(`/v1/events/${id}`),
  });
  if (error !== null) return <Trouble error={error} />;
  if (event === undefined) return <Loading />;
  const { subject } = event;
  return (
    <>
      <PageTitle title={event.type} about={id} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <Stack gap="xs">
          <Facts
            facts={{
              Server: subject ?? 'about none',
              Status: <StateBadge state={event.status ?? event.phase} />,
              Source: event.source,
              Happened: <When at={event.time} />,
              Accepted: <When at={event.accepted_at} />,
            }}
          />
          <Title order={2} size="h4" mt="sm">
            Envelope
          </Title>
          <Code text={JSON.stringify(event, undefined, 2)} label="Envelope" />
        </Stack>
        {subject !== undefined && <ServerTimeline subject={subject} currentId={id} />}
      </SimpleGrid>
      <Title order={2} size="h4" mt="lg" mb="xs">
        Who got it
      </Title>
      <DeliveriesTable path="/v1/deliveries" query={{ event_id: id }} />
    </>
  );
}
