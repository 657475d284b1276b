import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { closeLabel } from '../parts/confirm-button.tsx';
import { SecretOnce } from '../parts/secret-once.tsx';
import { Trouble } from '../parts/trouble.tsx';

const OVERLAPS = [
  { value: '86400', label: 'a day' },
  { value: '3600', label: 'an hour' },
  { value: '604800', label: 'a week' },
  { value: '0', label: 'not at all: the old secret has leaked' },
];

interface Rotated {
  readonly secret?: string;
}

/** Replaces the signing secret. */
export function RotateButton({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const [isOpen, dialogue] = useDisclosure(false);
  const [secret, setSecret] = useState('');
  const [overlap, setOverlap] = useState('86400');
  const [rotated, setRotated] = useState<Rotated>();
  const [error, setError] = useState<unknown>();
  const close = () => {
    dialogue.close();
    setRotated(undefined);
    setSecret('');
    setError(undefined);
  };

  async function rotate() {
    try {
      const body = { overlap_seconds: Number(overlap), ...(secret !== '' && { secret }) };
      setRotated(await call<Rotated>(`/v1/webhooks/${id}/rotate-secret`, { method: 'POST', body }));
      setError(undefined);
      onDone();
    } catch (caught) {
      setError(caught);
    }
  }

  return (
    <>
      <Button variant="default" size="xs" onClick={dialogue.open}>
        Rotate secret
      </Button>
      <Modal opened={isOpen} onClose={close} title="Rotate secret" closeButtonProps={closeLabel}>
        {rotated === undefined ? (
          <Stack>
            <TextInput
              label="New secret"
              description="Leave it empty and Hookline makes one."
              value={secret}
              onChange={(changed) => setSecret(changed.currentTarget.value)}
            />
            <Select
              label="The old one signs as well for"
              data={OVERLAPS}
              allowDeselect={false}
              value={overlap}
              onChange={(value) => setOverlap(value ?? '86400')}
            />
            <Trouble error={error} />
            <Group justify="flex-end">
              <Button onClick={() => void rotate()}>Rotate</Button>
            </Group>
          </Stack>
        ) : rotated.secret === undefined ? (
          <Text>Requests are signed with your new secret from now on.</Text>
        ) : (
          <SecretOnce title="New signing secret" secret={rotated.secret} />
        )}
      </Modal>
    </>
  );
}
