import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { RejectedJson } from '../api/types.ts';
import { closeLabel } from '../parts/confirm-button.tsx';
import { say } from '../parts/say.ts';
import { Trouble } from '../parts/trouble.tsx';

interface Props {
  readonly message: RejectedJson;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Puts a rejected message in again, corrected where it is at fault. */
export function ResubmitDialogue({ message, onClose, onDone }: Props) {
  const [type, setType] = useState('');
  const [payload, setPayload] = useState('');
  const [error, setError] = useState<unknown>();

  async function resubmit() {
    try {
      const body = { ...(type !== '' && { type }), ...(payload !== '' && { payload }) };
      await call(`/v1/rejected/${message.id}/resubmit`, { method: 'POST', body });
      say('The message is accepted.');
      onDone();
      onClose();
    } catch (caught) {
      setError(caught);
    }
  }

  return (
    <Modal opened onClose={onClose} title="Resubmit" size="lg" closeButtonProps={closeLabel}>
      <Stack>
        <Text size="sm">{message.reason}</Text>
        <TextInput
          label="Type"
          description="Empty: as it was."
          value={type}
          onChange={(changed) => setType(changed.currentTarget.value)}
        />
        <Textarea
          label="Payload"
          description="JSON. Empty: as it was."
          autosize
          minRows={4}
          value={payload}
          onChange={(changed) => setPayload(changed.currentTarget.value)}
        />
        <Trouble error={error} />
        <Group justify="flex-end">
          <Button onClick={() => void resubmit()}>Put it in again</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
