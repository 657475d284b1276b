import { Badge } from '@mantine/core';

const COLOURS: Readonly<Record<string, string>> = {
  active: 'green',
  succeeded: 'green',
  success: 'green',
  completed: 'green',
  resolved: 'green',
  delivered: 'green',
  closed: 'green',
  paused: 'yellow',
  scheduled: 'yellow',
  pending: 'yellow',
  queued: 'yellow',
  running: 'blue',
  redriving: 'blue',
  half_open: 'yellow',
  pre: 'gray',
  post: 'gray',
  cancelled: 'gray',
  discarded: 'gray',
  expired: 'gray',
};

/** A word for how something stands, its colour besides. */
export function StateBadge({ state }: { readonly state: string }) {
  return (
    <Badge variant="dot" color={COLOURS[state] ?? 'red'} tt="none" fw={500}>
      {state.replaceAll('_', ' ')}
    </Badge>
  );
}
