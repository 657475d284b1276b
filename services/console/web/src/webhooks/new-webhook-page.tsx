import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { callWithHeaders } from '../api/client.ts';
import type { WebhookJson } from '../api/types.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { SecretOnce } from '../parts/secret-once.tsx';
import { newValues, toBody, type WebhookValues } from './form-values.ts';
import { WebhookForm } from './webhook-form.tsx';

interface Created {
  readonly webhook: WebhookJson;
  readonly warning: string | undefined;
}

/** Sets up a new webhook; afterwards its secret is shown, once. */
export function NewWebhookPage() {
  const [created, setCreated] = useState<Created>();
  // One for the whole form: a second press of the button makes no second webhook.
  const [requestId, setRequestId] = useState(() => randomId());

  async function create(values: WebhookValues) {
    const { body, warning } = await callWithHeaders<WebhookJson>('/v1/webhooks', {
      method: 'POST',
      body: toBody(values),
      headers: { 'idempotency-key': requestId },
    }).catch((error: unknown) => {
      setRequestId(randomId());
      throw error;
    });
    setCreated({ webhook: body, warning });
  }

  if (created !== undefined) return <CreatedWebhook {...created} />;
  return (
    <>
      <PageTitle
        title="New webhook"
        about="Choose a format first: what else there is to say depends on it. Every event accepted after you save is delivered."
      />
      <WebhookForm initial={newValues} isNew submitLabel="Create webhook" onSubmit={create} />
    </>
  );
}

function CreatedWebhook({ webhook, warning }: Created) {
  return (
    <>
      <PageTitle title="The webhook is set up" about={webhook.url} />
      {webhook.secret !== undefined && (
        <SecretOnce title="Signing secret" secret={webhook.secret} />
      )}
      {warning !== undefined && <p>{warning}</p>}
      <p>Send it a ping to see whether it answers.</p>
      <Button component={Link} href={`/webhooks/${webhook.id}`}>
        Go to the webhook
      </Button>
    </>
  );
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join(
    '',
  );
}
