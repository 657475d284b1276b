import { Button, Card, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { DeliveryJson } from '../api/types.ts';
import { useLive } from '../live/live.ts';
import { Facts } from '../parts/facts.tsx';
import { ToEvent, ToWebhook } from '../parts/links.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { attempt as tryTo } from '../parts/say.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { useSession } from '../session/session.ts';
import { AttemptFacts } from './attempt-facts.tsx';
import { RequestPanel } from './request-panel.tsx';

/** One delivery with every attempt. */
export function DeliveryPage({ id }: { readonly id: string }) {
  const { mayEdit } = useSession();
  const { data, error, refetch } = useQuery({
    queryKey: ['delivery', id],
    queryFn: () => call<DeliveryJson>(`/v1/deliveries/${id}`),
  });
  useLive('attempt', (attempt) => {
    if (attempt.delivery_id === id) void refetch();
  });
  if (error !== null) return <Trouble error={error} />;
  if (data === undefined) return <Loading />;
  const { attempts = [] } = data;
  const retry = () =>
    tryTo(
      () => call(`/v1/deliveries/${id}/retry`, { method: 'POST' }),
      'The delivery is tried again.',
    ).then(() => refetch());
  return (
    <>
      <PageTitle title={`Delivery of ${data.type}`} about={id}>
        {mayEdit && (
          <Button size="xs" onClick={() => void retry()}>
            Try again
          </Button>
        )}
      </PageTitle>
      <Facts
        facts={{
          State: <StateBadge state={data.state} />,
          Event: <ToEvent id={data.event_id} />,
          Webhook: <ToWebhook id={data.webhook_id} />,
          'Next attempt': <When at={data.next_attempt_at} none="none is due" />,
          Made: <When at={data.created_at} />,
        }}
      />
      <SimpleGrid cols={{ base: 1, lg: 2 }} mt="lg">
        <Stack>
          <Title order={2} size="h4">
            Attempts
          </Title>
          {attempts.length === 0 && <p>None has been made yet.</p>}
          {attempts.toReversed().map((attempt) => (
            <Card
              key={attempt.id}
              withBorder
              component="section"
              aria-label={`Attempt ${attempt.number}`}
            >
              <Title order={3} size="h5" mb="xs">
                Attempt {attempt.number}
              </Title>
              <AttemptFacts attempt={attempt} />
            </Card>
          ))}
        </Stack>
        <RequestPanel delivery={data} />
      </SimpleGrid>
    </>
  );
}
