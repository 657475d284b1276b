import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { call } from '../api/client.ts';
import type { ReplayJson } from '../api/types.ts';
import { closeLabel } from '../parts/confirm-button.tsx';
import { Trouble } from '../parts/trouble.tsx';

interface Props {
  readonly webhookId: string;
  /** RFC 3339. */
  readonly from: string;
}

/** Delivers a range of past events to a webhook again; opens by itself when it is told to which. */
export function NewReplayButton({ webhookId, from }: Props) {
  const [isOpen, dialogue] = useDisclosure(webhookId !== '');
  const [, go] = useLocation();
  const [values, setValues] = useState({ webhookId, from: localTime(from), to: '', types: '' });
  const [isUndelivered, setUndelivered] = useState(true);
  const [error, setError] = useState<unknown>();
  const field = (name: keyof typeof values) => ({
    value: values[name],
    onChange: (changed: { readonly currentTarget: { readonly value: string } }) =>
      setValues({ ...values, [name]: changed.currentTarget.value }),
  });

  async function create() {
    try {
      const types = values.types.split(/[\s,]+/).filter(Boolean);
      const body = {
        webhook_id: values.webhookId.trim(),
        from: new Date(values.from).toISOString(),
        ...(values.to !== '' && { to: new Date(values.to).toISOString() }),
        ...(types.length > 0 && { events: types }),
        undelivered_only: isUndelivered,
        description: 'from the console',
      };
      const { id } = await call<ReplayJson>('/v1/replays', { method: 'POST', body });
      go(`/replays/${id}`);
    } catch (caught) {
      setError(caught);
    }
  }

  return (
    <>
      <Button size="xs" onClick={dialogue.open}>
        New replay
      </Button>
      <Modal
        opened={isOpen}
        onClose={dialogue.close}
        title="New replay"
        closeButtonProps={closeLabel}
      >
        <Stack>
          <TextInput label="Webhook" placeholder="sub_…" required {...field('webhookId')} />
          <TextInput label="From" type="datetime-local" step={1} required {...field('from')} />
          <TextInput
            label="Until"
            description="Empty: until now."
            type="datetime-local"
            step={1}
            {...field('to')}
          />
          <TextInput
            label="Event types"
            description="Empty: what the webhook takes."
            {...field('types')}
          />
          <Checkbox
            label="Only what it has not got"
            checked={isUndelivered}
            onChange={(changed) => setUndelivered(changed.currentTarget.checked)}
          />
          <Trouble error={error} />
          <Group justify="flex-end">
            <Button disabled={values.from === ''} onClick={() => void create()}>
              Deliver again
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

/** As an input of type datetime-local has it. */
function localTime(instant: string): string {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return '';
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
