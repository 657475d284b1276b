import { SimpleGrid, Stack, Title } from '@mantine/core';
import type { WebhookJson } from '../api/types.ts';
import { DeliveriesTable } from '../deliveries/deliveries-table.tsx';
import { useLive } from '../live/live.ts';
import { useThrottled } from '../live/use-throttled.ts';
import { Loading } from '../parts/loading.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { BlockedLines } from './blocked-lines.tsx';
import { HealthPanel } from './health-panel.tsx';
import { useWebhook } from './use-webhook.ts';
import { WebhookActions } from './webhook-actions.tsx';
import { WebhookFacts } from './webhook-facts.tsx';
import { WebhookNotice } from './webhook-notice.tsx';

/** One webhook: how it is set up, how it fares, what was sent. */
export function WebhookPage({ id }: { readonly id: string }) {
  const { webhook, error, refetch } = useWebhook(id);
  const refresh = useThrottled(refetch);
  useLive('attempt', ({ webhook_id }) => {
    if (webhook_id === id) refresh();
  });
  if (error !== null) return <Trouble error={error} />;
  if (webhook === undefined) return <Loading />;
  return (
    <>
      <PageTitle title={titleOf(webhook)} about={webhook.url} />
      <WebhookNotice webhook={webhook} />
      <WebhookActions webhook={webhook} onChange={refetch} />
      <SimpleGrid cols={{ base: 1, md: 2 }} my="md" spacing="xl">
        <Stack gap="xs">
          <Title order={2} size="h4">
            Set up
          </Title>
          <WebhookFacts webhook={webhook} />
        </Stack>
        <Stack gap="xs">
          <Title order={2} size="h4">
            Health
          </Title>
          <HealthPanel id={id} />
        </Stack>
      </SimpleGrid>
      <BlockedLines id={id} />
      <Title order={2} size="h4" mb="xs">
        Deliveries
      </Title>
      <DeliveriesTable path={`/v1/webhooks/${id}/deliveries`} />
    </>
  );
}

function titleOf({ description, url }: WebhookJson): string {
  return description ?? (URL.canParse(url) ? new URL(url).host : url);
}
