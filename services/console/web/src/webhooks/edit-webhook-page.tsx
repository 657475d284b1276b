import { useLocation } from 'wouter';
import { call } from '../api/client.ts';
import type { WebhookJson } from '../api/types.ts';
import { Loading } from '../parts/loading.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { say } from '../parts/say.ts';
import { Trouble } from '../parts/trouble.tsx';
import { toPatch, valuesOf } from './form-values.ts';
import { useWebhook } from './use-webhook.ts';
import { WebhookForm } from './webhook-form.tsx';

/** Changes a webhook. */
export function EditWebhookPage({ id }: { readonly id: string }) {
  const { webhook, error, refetch } = useWebhook(id);
  const [, go] = useLocation();
  if (error !== null) return <Trouble error={error} />;
  if (webhook === undefined) return <Loading />;
  return (
    <>
      <PageTitle
        title="Edit webhook"
        about={
          webhook.state === 'disabled'
            ? 'Saving enables it again, since an edit is meant to mend what failed.'
            : 'The change is in force when it is saved.'
        }
      />
      <WebhookForm
        key={webhook.etag}
        initial={valuesOf(webhook)}
        isNew={false}
        submitLabel="Save"
        onSubmit={async (values) => {
          await call<WebhookJson>(`/v1/webhooks/${id}`, {
            method: 'PATCH',
            body: toPatch(values, webhook),
            headers: { 'if-match': `"${webhook.etag}"` },
          });
          refetch();
          say('The webhook is changed.');
          go(`/webhooks/${id}`);
        }}
      />
    </>
  );
}
