import { Button, Group, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { EventJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { useLive, useLiveState } from '../live/live.ts';
import { useThrottled } from '../live/use-throttled.ts';
import { DataTable } from '../parts/data-table.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { eventColumns } from './event-columns.tsx';

const NONE = { type: '', subject: '', from: '', to: '' };

/** What happened, by server, type and time, as it happens. */
export function EventsPage() {
  const [typed, setTyped] = useState(NONE);
  const [isPaused, setPaused] = useState(false);
  const [filter] = useDebouncedValue(typed, 300);
  const list = useList<EventJson>('/v1/events', {
    type: filter.type,
    subject: filter.subject,
    from: instantOf(filter.from),
    to: instantOf(filter.to),
    omit_data: true,
  });
  const refresh = useThrottled(list.refetch);
  useLive('event', () => {
    if (!isPaused) refresh();
  });
  const field = (name: keyof typeof NONE) => ({
    value: typed[name],
    onChange: (changed: { readonly currentTarget: { readonly value: string } }) =>
      setTyped({ ...typed, [name]: changed.currentTarget.value }),
  });
  return (
    <>
      <PageTitle title="Events" about="What agents and publishers told, the newest first.">
        <LiveSign isPaused={isPaused} />
        <Button variant="default" size="xs" onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Go on' : 'Pause'}
        </Button>
      </PageTitle>
      <Group mb="sm" align="flex-end">
        <TextInput label="Server" placeholder="srv_abc123" {...field('subject')} />
        <TextInput label="Type" placeholder="server.*" {...field('type')} />
        <TextInput label="From" type="datetime-local" {...field('from')} />
        <TextInput label="Until" type="datetime-local" {...field('to')} />
      </Group>
      <DataTable
        label="Events"
        list={list}
        columns={eventColumns}
        rowKey={({ id }) => id}
        empty="None. Agents publish over NATS, programs over HTTP or gRPC."
      />
    </>
  );
}

function LiveSign({ isPaused }: { readonly isPaused: boolean }) {
  const state = useLiveState();
  const words = isPaused
    ? 'paused'
    : { live: 'live', connecting: 'connecting …', trouble: 'connection lost, trying again' }[state];
  return (
    <Text size="sm" role="status">
      {words}
    </Text>
  );
}

/** A local time of an input as RFC 3339; empty for what is not finished. */
function instantOf(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString();
}
