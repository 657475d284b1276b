import { Code } from '@mantine/core';
import type { AuthJson, RetryJson, WebhookJson } from '../api/types.ts';
import { Facts } from '../parts/facts.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';
import { guideOf } from './format-guide.ts';

/** How a webhook is set up. */
export function WebhookFacts({ webhook }: { readonly webhook: WebhookJson }) {
  const { statuses = ['success'], phases = ['post'], options, headers } = webhook;
  return (
    <Facts
      facts={{
        State: <StateBadge state={webhook.state} />,
        Format: guideOf(webhook.format).title,
        Events: webhook.events.join(', '),
        When: `${phases.join('/')}, ${statuses.join(' or ')}`,
        Authentication: wordsOfAuth(webhook.auth),
        Retries: wordsOfRetry(webhook.retry),
        Options: options && pairs(options),
        Headers: headers && pairs(headers),
        'E-mails': webhook.notification_emails?.join(', '),
        Created: <When at={webhook.created_at} />,
        Changed: <When at={webhook.updated_at} />,
        Id: <Code>{webhook.id}</Code>,
      }}
    />
  );
}

function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

function wordsOfAuth(auth: AuthJson | undefined): string {
  if (auth?.bearer !== undefined) return 'bearer token';
  if (auth?.basic !== undefined) return `basic, as ${auth.basic.username}`;
  if (auth?.header !== undefined) return `header ${auth.header.name}`;
  return 'signature only';
}

function wordsOfRetry({ preset, delays_seconds: delays = [], attempts_max }: RetryJson): string {
  const schedule = preset ?? `after ${delays.join(', ')} s`;
  return attempts_max === undefined ? schedule : `${schedule}, at most ${attempts_max} attempts`;
}
