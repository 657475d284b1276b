import { Stack, Text, Timeline, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call, withQuery } from '../api/client.ts';
import type { EventJson } from '../api/types.ts';
import { ToEvent } from '../parts/links.tsx';
import { When } from '../parts/when.tsx';

const SHOWN_MAX = 15;

interface Props {
  readonly subject: string;
  readonly currentId: string;
}

/** The latest events of a server, the newest first. */
export function ServerTimeline({ subject, currentId }: Props) {
  const { data } = useQuery({
    queryKey: ['timeline', subject],
    queryFn: () =>
      call<{ readonly data: readonly EventJson[] }>(
        withQuery('/v1/events', { subject, page_size: SHOWN_MAX, omit_data: true }),
      ),
  });
  const events = data?.data ?? [];
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {subject}
      </Title>
      <Timeline bulletSize={14} lineWidth={2} active={events.length}>
        {events.map(({ id, type, status, phase, accepted_at }) => (
          <Timeline.Item
            key={id}
            title={id === currentId ? type : <ToEvent id={id}>{type}</ToEvent>}
          >
            <Text size="sm">
              {status ?? phase}, <When at={accepted_at} />
              {id === currentId && ' – this event'}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Stack>
  );
}
