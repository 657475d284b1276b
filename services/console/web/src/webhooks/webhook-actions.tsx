import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { call } from '../api/client.ts';
import type { WebhookJson } from '../api/types.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { attempt, say } from '../parts/say.ts';
import { useSession } from '../session/session.ts';
import { MissedNotice } from './missed-notice.tsx';
import { PingButton } from './ping-button.tsx';
import { RotateButton } from './rotate-button.tsx';

interface Props {
  readonly webhook: WebhookJson;
  readonly onChange: () => void;
}

/** What can be done with a webhook. */
export function WebhookActions({ webhook, onChange }: Props) {
  const { mayEdit } = useSession();
  const [, go] = useLocation();
  const [missedSince, setMissedSince] = useState<string>();
  if (!mayEdit) return null;
  const { id, state } = webhook;
  const path = `/v1/webhooks/${id}`;

  const pause = () =>
    attempt(() => call(`${path}/pause`, { method: 'POST' }), 'The webhook is paused.').then(
      onChange,
    );
  const resume = () =>
    attempt(async () => {
      const resumed = await call<WebhookJson>(`${path}/resume`, { method: 'POST' });
      setMissedSince(resumed.missed_since ?? undefined);
    }, 'The webhook is active.').then(onChange);

  return (
    <>
      <Group gap="xs">
        <PingButton id={id} onDone={onChange} />
        {state === 'active' ? (
          <Button variant="default" size="xs" onClick={() => void pause()}>
            Pause
          </Button>
        ) : (
          <Button size="xs" onClick={() => void resume()}>
            {state === 'disabled' ? 'Enable again' : 'Resume'}
          </Button>
        )}
        <Button component={Link} href={`/webhooks/${id}/edit`} variant="default" size="xs">
          Edit
        </Button>
        <RotateButton id={id} onDone={onChange} />
        <Button component={Link} href={`/replays?webhook=${id}`} variant="default" size="xs">
          Replay events
        </Button>
        <ConfirmButton
          label="Delete"
          question="Its waiting deliveries are cancelled. Its past deliveries can still be read."
          confirm="Delete the webhook"
          onConfirm={async () => {
            await call(path, { method: 'DELETE' });
            say('The webhook is deleted.');
            go('/webhooks');
          }}
        />
      </Group>
      {missedSince !== undefined && <MissedNotice id={id} since={missedSince} />}
    </>
  );
}
