import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { AgentJson } from '../api/types.ts';
import { closeLabel } from '../parts/confirm-button.tsx';
import { Trouble } from '../parts/trouble.tsx';

/** Mints credentials for the agent of one host. */
export function NewAgentButton({ onMade }: { readonly onMade: (agent: AgentJson) => void }) {
  const [isOpen, dialogue] = useDisclosure(false);
  const [values, setValues] = useState({ host_name: '', description: '' });
  const [error, setError] = useState<unknown>();

  async function make() {
    try {
      onMade(await call<AgentJson>('/v1/agents', { method: 'POST', body: values }));
      setValues({ host_name: '', description: '' });
      setError(undefined);
      dialogue.close();
    } catch (caught) {
      setError(caught);
    }
  }

  return (
    <>
      <Button size="xs" onClick={dialogue.open}>
        New agent
      </Button>
      <Modal
        opened={isOpen}
        onClose={dialogue.close}
        title="New agent"
        closeButtonProps={closeLabel}
      >
        <Stack>
          <TextInput
            label="Host name"
            description="Each dot becomes a - in NATS subjects."
            placeholder="node-2.example.com"
            required
            value={values.host_name}
            onChange={(changed) => setValues({ ...values, host_name: changed.currentTarget.value })}
          />
          <TextInput
            label="Note"
            value={values.description}
            onChange={(changed) =>
              setValues({ ...values, description: changed.currentTarget.value })
            }
          />
          <Trouble error={error} />
          <Group justify="flex-end">
            <Button onClick={() => void make()}>Make credentials</Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
