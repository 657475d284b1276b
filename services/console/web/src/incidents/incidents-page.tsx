import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { IncidentJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { To, ToWebhook } from '../parts/links.tsx';
import { count } from '../parts/numbers.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';

const COLUMNS: readonly Column<IncidentJson>[] = [
  {
    title: 'What',
    cell: ({ summary, suggestion }) => <span title={suggestion}>{summary}</span>,
  },
  { title: 'State', width: '8rem', cell: ({ state }) => <StateBadge state={state} /> },
  {
    title: 'What to do',
    width: '28%',
    wideOnly: true,
    cell: ({ suggestion }) => <span title={suggestion}>{suggestion}</span>,
  },
  { title: 'Times', width: '5rem', wideOnly: true, cell: (incident) => count(incident.count) },
  {
    title: 'Webhook',
    width: '9rem',
    wideOnly: true,
    cell: ({ webhook_id }) => (webhook_id === null ? '–' : <ToWebhook id={webhook_id} />),
  },
  {
    title: 'Letters',
    width: '6rem',
    wideOnly: true,
    cell: ({ webhook_id }) =>
      webhook_id === null ? '–' : <To href={`/dead-letters?webhook=${webhook_id}`}>see</To>,
  },
  { title: 'Last', width: '8rem', cell: ({ last_at }) => <When at={last_at} /> },
];

/** What went wrong, each trouble once however often it happened. */
export function IncidentsPage() {
  const [state, setState] = useState('open');
  const list = useList<IncidentJson>('/v1/incidents', { state });
  return (
    <>
      <PageTitle
        title="Incidents"
        about="What went wrong, each trouble once, with what to do about it."
      >
        <SegmentedControl
          size="xs"
          aria-label="State"
          data={['open', 'resolved']}
          value={state}
          onChange={setState}
        />
      </PageTitle>
      <DataTable
        label="Incidents"
        list={list}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        empty={state === 'open' ? 'None. All is well.' : 'None.'}
      />
    </>
  );
}
