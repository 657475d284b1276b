import { Button, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { Trouble } from './trouble.tsx';

interface Props {
  readonly label: string;
  readonly question: ReactNode;
  readonly confirm: string;
  readonly onConfirm: () => Promise<unknown>;
  readonly isDisabled?: boolean;
}

/** A button for what cannot be taken back: it asks first, and shows what went wrong. */
export function ConfirmButton({ label, question, confirm, onConfirm, isDisabled = false }: Props) {
  const [isOpen, dialogue] = useDisclosure(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function run() {
    setBusy(true);
    try {
      await onConfirm();
      dialogue.close();
      setError(undefined);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button variant="default" size="xs" disabled={isDisabled} onClick={dialogue.open}>
        {label}
      </Button>
      <Modal opened={isOpen} onClose={dialogue.close} title={label} closeButtonProps={closeLabel}>
        <Stack>
          <div>{question}</div>
          <Trouble error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={dialogue.close}>
              Leave it
            </Button>
            <Button color="red" loading={isBusy} onClick={() => void run()}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

export const closeLabel = { 'aria-label': 'Close' };
