import { Stack, Text } from '@mantine/core';
import type { AttemptJson } from '../api/types.ts';
import { Code, prettyJson } from '../parts/code.tsx';
import { Facts } from '../parts/facts.tsx';
import { duration } from '../parts/numbers.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';

/** One request and its response. */
export function AttemptFacts({ attempt }: { readonly attempt: AttemptJson }) {
  const body =
    attempt.response_body_encoding === 'base64'
      ? `(base64) ${attempt.response_body}`
      : prettyJson(attempt.response_body);
  return (
    <Stack gap="xs">
      <Facts
        facts={{
          Outcome: <StateBadge state={attempt.outcome} />,
          'HTTP status': attempt.http_status ?? 'none',
          Time: <When at={attempt.started_at} />,
          Duration: duration(attempt.duration_ms),
          URL: attempt.url,
          Error: attempt.error ?? undefined,
          Trace: attempt.trace_id ?? undefined,
        }}
      />
      {body === '' ? (
        <Text size="sm" c="dimmed">
          The response had no body.
        </Text>
      ) : (
        <Code text={body} label={`Response of attempt ${attempt.number}`} />
      )}
    </Stack>
  );
}
