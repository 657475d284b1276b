import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import { isProblem } from '../api/problem.ts';
import type { DeliveryJson, EventJson } from '../api/types.ts';
import { Code } from '../parts/code.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { type TrialJson, trialText } from '../playground/trial.ts';
import { useWebhook } from '../webhooks/use-webhook.ts';

/**
 * The request of a delivery. Requests are not stored: it is made anew of the event and the webhook,
 * by what makes every request; ids, times and signatures differ.
 */
export function RequestPanel({ delivery }: { readonly delivery: DeliveryJson }) {
  const { webhook } = useWebhook(delivery.webhook_id);
  const { data, error } = useQuery({
    queryKey: ['request', delivery.id, webhook?.etag],
    enabled: webhook !== undefined,
    queryFn: async () => {
      const event = await call<EventJson>(`/v1/events/${delivery.event_id}`);
      const { id: _, type, subject, phase, status, data: payload } = event;
      return await call<TrialJson>('/console/playground', {
        method: 'POST',
        body: {
          format: webhook?.format,
          url: webhook?.url,
          ...(webhook?.options !== undefined && { options: webhook.options }),
          event: { type, data: JSON.stringify(payload), subject, phase, status },
        },
      });
    },
  });
  return (
    <Stack>
      <Title order={2} size="h4">
        Request
      </Title>
      <Text size="sm" c="dimmed">
        Made anew from the event: ids, time, signatures and credentials are not those that were
        sent.
      </Text>
      {isProblem(error) ? (
        <Text>It cannot be shown: {error.message}</Text>
      ) : (
        <Trouble error={error} />
      )}
      {data !== undefined && <Code text={trialText(data)} label="Request" />}
    </Stack>
  );
}
