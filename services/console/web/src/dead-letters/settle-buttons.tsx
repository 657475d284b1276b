import { Button } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { call } from '../api/client.ts';
import type { ReplayJson } from '../api/types.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { attempt, say } from '../parts/say.ts';

/** Which dead letters: by id, or all open ones that a filter takes. */
export type Selection =
  | { readonly ids: readonly string[] }
  | { readonly filter: Readonly<Record<string, string>> };

interface Props {
  readonly label: string;
  readonly selection: Selection;
  readonly onDone: () => void;
}

/** Tries dead letters again, and goes to where one can watch it. */
export function RedriveButton({ label, selection, onDone }: Props) {
  const [, go] = useLocation();
  const [isBusy, setBusy] = useState(false);

  async function redrive() {
    setBusy(true);
    await attempt(async () => {
      const body = { ...selection, description: 'from the console' };
      const { id } = await call<ReplayJson>('/v1/dead-letters/redrive', { method: 'POST', body });
      onDone();
      go(`/replays/${id}`);
    }, 'They are tried again.');
    setBusy(false);
  }

  return (
    <Button size="xs" loading={isBusy} onClick={() => void redrive()}>
      {label}
    </Button>
  );
}

/** Settles dead letters without delivering them. */
export function DiscardButton({ label, selection, onDone }: Props) {
  return (
    <ConfirmButton
      label={label}
      question="They count as settled and are not delivered. They can still be read."
      confirm="Discard"
      onConfirm={async () => {
        const body = { ...selection, reason: 'discarded in the console' };
        await call('/v1/dead-letters/discard', { method: 'POST', body });
        say('They are discarded.');
        onDone();
      }}
    />
  );
}
