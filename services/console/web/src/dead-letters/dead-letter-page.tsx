import { Alert, Card, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { DeadLetterJson } from '../api/types.ts';
import { AttemptFacts } from '../deliveries/attempt-facts.tsx';
import { Code } from '../parts/code.tsx';
import { Facts } from '../parts/facts.tsx';
import { ToDelivery, ToEvent, ToWebhook } from '../parts/links.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { useSession } from '../session/session.ts';
import { DiscardButton, RedriveButton } from './settle-buttons.tsx';

/** One dead letter: why, what to do, and what led to it. */
export function DeadLetterPage({ id }: { readonly id: string }) {
  const { mayEdit } = useSession();
  const { data, error, refetch } = useQuery({
    queryKey: ['dead-letter', id],
    queryFn: () => call<DeadLetterJson>(`/v1/dead-letters/${id}`),
  });
  if (error !== null) return <Trouble error={error} />;
  if (data === undefined) return <Loading />;
  const settle = { selection: { ids: [id] }, onDone: () => void refetch() };
  return (
    <>
      <PageTitle title={`Dead letter: ${data.type}`} about={id}>
        {mayEdit && data.state === 'open' && (
          <>
            <RedriveButton label="Redrive" {...settle} />
            <DiscardButton label="Discard" {...settle} />
          </>
        )}
      </PageTitle>
      <Alert variant="default" title="What to do" mb="md">
        {data.suggestion}
      </Alert>
      <Facts facts={factsOf(data)} />
      <Stack mt="lg">
        <Title order={2} size="h4">
          Attempts
        </Title>
        {data.attempts?.toReversed().map((attempt) => (
          <Card
            key={attempt.id}
            withBorder
            component="section"
            aria-label={`Attempt ${attempt.number}`}
          >
            <AttemptFacts attempt={attempt} />
          </Card>
        ))}
        <Title order={2} size="h4">
          Event
        </Title>
        {data.event ? (
          <Code text={JSON.stringify(data.event, undefined, 2)} label="Event" />
        ) : (
          <p>It is past the retention time.</p>
        )}
      </Stack>
    </>
  );
}

function factsOf(letter: DeadLetterJson) {
  return {
    State: <StateBadge state={letter.state} />,
    Cause: letter.cause.replaceAll('_', ' '),
    Server: letter.subject ?? undefined,
    Webhook: letter.webhook_id === null ? undefined : <ToWebhook id={letter.webhook_id} />,
    Event: <ToEvent id={letter.event_id} />,
    Delivery: <ToDelivery id={letter.id} />,
    'Given up': <When at={letter.created_at} />,
  };
}
