import { Button, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { AttemptJson } from '../api/types.ts';
import { AttemptFacts } from '../deliveries/attempt-facts.tsx';
import { closeLabel } from '../parts/confirm-button.tsx';
import { ToDelivery } from '../parts/links.tsx';
import { Trouble } from '../parts/trouble.tsx';

interface PingJson {
  readonly delivery_id: string;
  readonly attempt: AttemptJson | null;
}

/** Sends a ping and shows what the endpoint answered. */
export function PingButton({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [ping, setPing] = useState<PingJson>();
  const [error, setError] = useState<unknown>();
  const close = () => {
    setPing(undefined);
    setError(undefined);
  };

  async function send() {
    setBusy(true);
    try {
      setPing(await call<PingJson>(`/v1/webhooks/${id}/ping`, { method: 'POST' }));
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
      onDone();
    }
  }

  return (
    <>
      <Button size="xs" loading={isBusy} onClick={() => void send()}>
        Ping
      </Button>
      <Modal
        opened={ping !== undefined || error !== undefined}
        onClose={close}
        title="Ping"
        size="lg"
        closeButtonProps={closeLabel}
      >
        <Trouble error={error} />
        {ping !== undefined && <PingAnswer {...ping} />}
      </Modal>
    </>
  );
}

function PingAnswer({ delivery_id, attempt }: PingJson) {
  return (
    <Stack>
      {attempt === null ? (
        <Text>The endpoint has not answered within 35 s.</Text>
      ) : (
        <AttemptFacts attempt={attempt} />
      )}
      <span>
        On record as <ToDelivery id={delivery_id} />
      </span>
    </Stack>
  );
}
