import { useSearchParams } from 'wouter';
import type { ReplayJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { ToReplay, ToWebhook } from '../parts/links.tsx';
import { count } from '../parts/numbers.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';
import { useSession } from '../session/session.ts';
import { NewReplayButton } from './new-replay-button.tsx';

const COLUMNS: readonly Column<ReplayJson>[] = [
  {
    title: 'What',
    cell: ({ id, kind, description }) => (
      <ToReplay id={id}>
        {description || (kind === 'events' ? 'events again' : 'dead letters again')}
      </ToReplay>
    ),
  },
  { title: 'State', width: '8.5rem', cell: ({ state }) => <StateBadge state={state} /> },
  {
    title: 'Kind',
    width: '8rem',
    wideOnly: true,
    cell: ({ kind }) => (kind === 'events' ? 'replay' : 'redrive'),
  },
  {
    title: 'Webhook',
    width: '9rem',
    wideOnly: true,
    cell: ({ webhook_id: id }) => (id === undefined ? '–' : <ToWebhook id={id} />),
  },
  {
    title: 'Delivered',
    width: '9rem',
    wideOnly: true,
    cell: ({ progress }) =>
      `${count(progress.succeeded_count)} of ${count(progress.enqueued_count)}`,
  },
  { title: 'Begun', width: '8rem', cell: ({ created_at }) => <When at={created_at} /> },
];

/** Ranges of events that are delivered again, and redrives of dead letters. */
export function ReplaysPage() {
  const { mayEdit } = useSession();
  const [search] = useSearchParams();
  const list = useList<ReplayJson>('/v1/replays');
  return (
    <>
      <PageTitle
        title="Replays"
        about="Past events delivered again, each under the id that it had; and redrives of dead letters."
      >
        {mayEdit && (
          <NewReplayButton
            webhookId={search.get('webhook') ?? ''}
            from={search.get('from') ?? ''}
          />
        )}
      </PageTitle>
      <DataTable
        label="Replays"
        list={list}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        empty="None yet."
      />
    </>
  );
}
