import { Alert } from '@mantine/core';
import { To } from '../parts/links.tsx';
import { When } from '../parts/when.tsx';

/** After a disabled time: what it missed can be delivered now. */
export function MissedNotice({ id, since }: { readonly id: string; readonly since: string }) {
  return (
    <Alert variant="default" title="It missed events while it was disabled" my="sm" role="status">
      It was disabled since <When at={since} />. No deliveries were made of the events since then:{' '}
      <To href={`/replays?webhook=${id}&from=${encodeURIComponent(since)}`}>
        deliver them by a replay
      </To>
      . What had failed before is among the{' '}
      <To href={`/dead-letters?webhook=${id}`}>dead letters</To>.
    </Alert>
  );
}
