import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { KeyJson } from '../api/types.ts';
import { closeLabel } from '../parts/confirm-button.tsx';
import { Trouble } from '../parts/trouble.tsx';

const ROLES = [
  { value: 'viewer', label: 'viewer: reads' },
  { value: 'editor', label: 'editor: reads and changes' },
  { value: 'admin', label: 'admin: everything' },
  { value: 'publisher', label: 'publisher: publishes events' },
];

/** Makes an API key. */
export function NewKeyButton({ onMade }: { readonly onMade: (key: KeyJson) => void }) {
  const [isOpen, dialogue] = useDisclosure(false);
  const [name, setName] = useState('');
  const [role, setRole] = useState('viewer');
  const [error, setError] = useState<unknown>();

  async function make() {
    try {
      onMade(await call<KeyJson>('/v1/keys', { method: 'POST', body: { name, role } }));
      setName('');
      setError(undefined);
      dialogue.close();
    } catch (caught) {
      setError(caught);
    }
  }

  return (
    <>
      <Button size="xs" onClick={dialogue.open}>
        New key
      </Button>
      <Modal opened={isOpen} onClose={dialogue.close} title="New key" closeButtonProps={closeLabel}>
        <Stack>
          <TextInput
            label="Name"
            placeholder="deploy pipeline"
            value={name}
            onChange={(changed) => setName(changed.currentTarget.value)}
          />
          <Select
            label="Role"
            data={ROLES}
            allowDeselect={false}
            value={role}
            onChange={(value) => setRole(value ?? 'viewer')}
          />
          <Trouble error={error} />
          <Group justify="flex-end">
            <Button onClick={() => void make()}>Make the key</Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
