import type { EventJson } from '../api/types.ts';
import type { Column } from '../parts/data-table.tsx';
import { ToEvent } from '../parts/links.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';

export const eventColumns: readonly Column<EventJson>[] = [
  { title: 'Type', cell: ({ id, type }) => <ToEvent id={id}>{type}</ToEvent> },
  { title: 'Server', width: '26%', cell: ({ subject }) => subject ?? '–' },
  {
    title: 'Status',
    width: '8rem',
    wideOnly: true,
    cell: ({ status, phase }) => <StateBadge state={status ?? phase} />,
  },
  { title: 'Source', width: '18%', wideOnly: true, cell: ({ source }) => source },
  {
    title: 'Number',
    width: '6rem',
    wideOnly: true,
    cell: ({ sequence }) => sequence.replace(/^0+/, ''),
  },
  { title: 'Accepted', width: '8rem', cell: ({ accepted_at }) => <When at={accepted_at} /> },
];
