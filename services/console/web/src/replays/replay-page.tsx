import { Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { ReplayJson, ReplayProgressJson } from '../api/types.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Facts } from '../parts/facts.tsx';
import { ToWebhook } from '../parts/links.tsx';
import { Loading } from '../parts/loading.tsx';
import { count } from '../parts/numbers.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { useSession } from '../session/session.ts';

const GOING_ON = new Set(['queued', 'running']);
const LOOK_MS = 1_000;

/** One replay or redrive, as it goes. */
export function ReplayPage({ id }: { readonly id: string }) {
  const { mayEdit } = useSession();
  const { data, error, refetch } = useQuery({
    queryKey: ['replay', id],
    queryFn: () => call<ReplayJson>(`/v1/replays/${id}`),
    refetchInterval: ({ state }) =>
      state.data === undefined || hasMore(state.data) ? LOOK_MS : false,
  });
  if (error !== null) return <Trouble error={error} />;
  if (data === undefined) return <Loading />;
  return (
    <>
      <PageTitle title={data.kind === 'events' ? 'Replay' : 'Redrive'} about={data.description}>
        {mayEdit && GOING_ON.has(data.state) && (
          <ConfirmButton
            label="Cancel"
            question="What was handed to delivery already goes on."
            confirm="Cancel it"
            onConfirm={async () => {
              await call(`/v1/replays/${id}`, { method: 'DELETE' });
              await refetch();
            }}
          />
        )}
      </PageTitle>
      <Stack>
        <ReplayProgress progress={data.progress} />
        <Facts
          facts={{
            State: <StateBadge state={data.state} />,
            Error: data.error ?? undefined,
            Webhook: data.webhook_id && <ToWebhook id={data.webhook_id} />,
            From: data.from && <When at={data.from} />,
            Until: data.to && <When at={data.to} />,
            Begun: <When at={data.created_at} />,
            Ended: <When at={data.ended_at} none="not yet" />,
            'Begun by': data.creator,
          }}
        />
      </Stack>
    </>
  );
}

/** Deliveries of a job that has handed all of them over still come in. */
function hasMore({ state, progress }: ReplayJson): boolean {
  const { enqueued_count, succeeded_count, failed_count } = progress;
  return (
    GOING_ON.has(state) ||
    (state === 'completed' && succeeded_count + failed_count < enqueued_count)
  );
}

function ReplayProgress({ progress }: { readonly progress: ReplayProgressJson }) {
  const { total_count, scanned_count, enqueued_count, succeeded_count, failed_count } = progress;
  const share = total_count === 0 ? 0 : Math.min(100, (100 * scanned_count) / total_count);
  return (
    <div>
      <Progress.Root size="lg">
        <Progress.Section value={share} aria-label="Looked at" />
      </Progress.Root>
      <Text size="sm" mt={4} role="status">
        {count(scanned_count)} of {count(total_count)} looked at, {count(enqueued_count)} handed to
        delivery, {count(succeeded_count)} delivered, {count(failed_count)} failed
      </Text>
    </div>
  );
}
