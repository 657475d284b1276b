import { Alert } from '@mantine/core';
import type { WebhookJson } from '../api/types.ts';

/** Says that nothing is sent, and what to do about it. */
export function WebhookNotice({ webhook }: { readonly webhook: WebhookJson }) {
  if (webhook.state === 'disabled') {
    return (
      <Alert variant="default" title="This webhook is disabled" my="sm" role="status">
        {webhook.disabled_reason ?? 'It failed for too long.'} Nothing is sent to it. Mend the
        endpoint, see by a ping that it answers, and enable it again; then redrive its dead letters.
      </Alert>
    );
  }
  if (webhook.state === 'paused') {
    return (
      <Alert variant="default" title="This webhook is paused" my="sm" role="status">
        Deliveries wait until it is resumed.
      </Alert>
    );
  }
  return null;
}
