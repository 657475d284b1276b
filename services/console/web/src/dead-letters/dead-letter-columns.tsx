import type { DeadLetterJson } from '../api/types.ts';
import type { Column } from '../parts/data-table.tsx';
import { To, ToWebhook } from '../parts/links.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';

export const deadLetterColumns: readonly Column<DeadLetterJson>[] = [
  { title: 'Event', cell: ({ id, type }) => <To href={`/dead-letters/${id}`}>{type}</To> },
  { title: 'State', width: '8rem', cell: ({ state }) => <StateBadge state={state} /> },
  { title: 'Server', width: '16%', wideOnly: true, cell: ({ subject }) => subject ?? '–' },
  {
    title: 'Cause',
    width: '24%',
    wideOnly: true,
    cell: ({ cause, last_attempt }) => last_attempt?.error ?? cause.replaceAll('_', ' '),
  },
  {
    title: 'Attempts',
    width: '6rem',
    wideOnly: true,
    cell: ({ attempts_count }) => attempts_count,
  },
  {
    title: 'Webhook',
    width: '9rem',
    wideOnly: true,
    cell: ({ webhook_id }) => (webhook_id === null ? '–' : <ToWebhook id={webhook_id} />),
  },
  { title: 'Given up', width: '8rem', cell: ({ created_at }) => <When at={created_at} /> },
];
