import { Button } from '@mantine/core';
import { useState } from 'react';
import type { RejectedJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';
import { useSession } from '../session/session.ts';
import { ResubmitDialogue } from './resubmit-dialogue.tsx';

/** Messages of agents and publishers that failed a check, which can be corrected and put in again. */
export function RejectedPage() {
  const { mayEdit } = useSession();
  const [chosen, setChosen] = useState<RejectedJson>();
  const list = useList<RejectedJson>('/v1/rejected', { omit_payload: true });
  const columns: readonly Column<RejectedJson>[] = [
    { title: 'Why', cell: ({ reason }) => <span title={reason}>{reason}</span> },
    { title: 'State', width: '8rem', cell: ({ state }) => <StateBadge state={state} /> },
    { title: 'Host', width: '12%', wideOnly: true, cell: ({ host }) => host ?? '–' },
    { title: 'Sent to', width: '22%', wideOnly: true, cell: ({ address }) => address ?? '–' },
    { title: 'Received', width: '8rem', cell: ({ received_at }) => <When at={received_at} /> },
    {
      title: 'Mend',
      width: '7rem',
      cell: (row) =>
        mayEdit && row.state === 'open' ? (
          <Button size="compact-xs" variant="default" onClick={() => setChosen(row)}>
            Resubmit
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <PageTitle
        title="Rejected messages"
        about="What agents and publishers sent that failed a check. It was never accepted; corrected, it can be put in again."
      />
      <DataTable
        label="Rejected messages"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty="None. Every message passed."
      />
      {chosen !== undefined && (
        <ResubmitDialogue
          key={chosen.id}
          message={chosen}
          onClose={() => setChosen(undefined)}
          onDone={list.refetch}
        />
      )}
    </>
  );
}
