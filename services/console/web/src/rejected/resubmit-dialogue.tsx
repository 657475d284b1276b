import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, withQuery } from '../api/client.ts';
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
  const [corrected, setCorrected] = useState<string>();
  const { data } = useQuery({
    queryKey: ['rejected', message.id],
    queryFn: () =>
      call<{ readonly data: readonly RejectedJson[] }>(
        withQuery('/v1/rejected', { id: message.id }),
      ),
  });
  const received = data?.data[0];
  const original = received?.payload_encoding === 'text' ? received.payload : '';
  const [error, setError] = useState<unknown>();

  async function resubmit() {
    try {
      const body = {
        ...(type !== '' && { type }),
        ...(corrected !== undefined && { payload: corrected }),
      };
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
        <Text size="sm">
          {message.reason}. {message.suggestion}
        </Text>
        <TextInput
          label="Type"
          description="Empty: as it was."
          value={type}
          onChange={(changed) => setType(changed.currentTarget.value)}
        />
        <Textarea
          label="Payload"
          description="JSON. It goes in as it was unless you change it."
          autosize
          minRows={4}
          value={corrected ?? original}
          onChange={(changed) => setCorrected(changed.currentTarget.value)}
        />
        <Trouble error={error} />
        <Group justify="flex-end">
          <Button onClick={() => void resubmit()}>Put it in again</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
