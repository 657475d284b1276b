import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Link } from 'wouter';
import type { WebhookJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { To, ToWebhook } from '../parts/links.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';
import { useSession } from '../session/session.ts';
import { guideOf } from './format-guide.ts';

const COLUMNS: readonly Column<WebhookJson>[] = [
  {
    title: 'Endpoint',
    cell: ({ id, url, description }) => (
      <ToWebhook id={id}>{description === undefined ? url : `${description} – ${url}`}</ToWebhook>
    ),
  },
  { title: 'State', width: '8rem', cell: ({ state }) => <StateBadge state={state} /> },
  {
    title: 'Format',
    width: '11rem',
    wideOnly: true,
    cell: ({ format }) => guideOf(format).title,
  },
  { title: 'Events', width: '24%', wideOnly: true, cell: ({ events }) => events.join(', ') },
  {
    title: 'Created',
    width: '9rem',
    wideOnly: true,
    cell: ({ created_at }) => <When at={created_at} />,
  },
];

/** Everyone who gets events. */
export function WebhooksPage() {
  const { mayEdit } = useSession();
  const [text, setText] = useState('');
  const [query] = useDebouncedValue(text, 250);
  const [state, setState] = useState<string | null>(null);
  const list = useList<WebhookJson>('/v1/webhooks', { query, state: state ?? undefined });
  return (
    <>
      <PageTitle title="Webhooks" about="Who gets which events, where, and how they are written.">
        {mayEdit && (
          <Button component={Link} href="/webhooks/new" size="xs">
            New webhook
          </Button>
        )}
      </PageTitle>
      <Group mb="sm" align="flex-end">
        <TextInput
          label="Search"
          placeholder="URL or description"
          value={text}
          onChange={(changed) => setText(changed.currentTarget.value)}
        />
        <Select
          label="State"
          placeholder="any"
          data={['active', 'paused', 'disabled']}
          clearable
          clearButtonProps={{ 'aria-label': 'Any state' }}
          value={state}
          onChange={setState}
          w={140}
        />
      </Group>
      <DataTable
        label="Webhooks"
        list={list}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        empty={
          <>
            None yet. <To href="/webhooks/new">Set one up</To>, or see in the{' '}
            <To href="/playground">playground</To> what would be sent.
          </>
        }
      />
    </>
  );
}
