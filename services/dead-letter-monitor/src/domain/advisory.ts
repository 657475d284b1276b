import { OPERATOR_TENANT, type Showing } from './incident.ts';

const KINDS: Readonly<Record<string, string>> = {
  max_deliver: 'gave up delivering a message',
  terminated: 'was told to deliver a message no more',
  consumer_quorum_lost: 'lost its quorum',
  stream_quorum_lost: 'lost its quorum',
  stream_action: 'was deleted',
};

const SUGGESTION =
  'Look at the NATS servers and their logs. After the commit streams only carry work: what one loses is handed on again from Postgres.';

/**
 * The trouble that an advisory of JetStream reports; undefined for what is no advisory. Whatever the
 * server wrote of a known kind is grouped by it, and by its stream and consumer.
 */
export function readAdvisory(data: Uint8Array): Showing | undefined {
  const advisory = parse(data);
  const kind = /^io\.nats\.jetstream\.advisory\.v\d+\.(\w+)$/.exec(textOf(advisory.type))?.[1];
  if (kind === undefined) return undefined;
  const stream = textOf(advisory.stream);
  const consumer = textOf(advisory.consumer);
  const place = [stream, consumer].filter((part) => part !== '').join('/');
  const at = new Date(textOf(advisory.timestamp));
  const time = Number.isNaN(at.getTime()) ? new Date() : at;
  return {
    tenant: OPERATOR_TENANT,
    kind: 'broker_advisory',
    groupKey: `advisory/${kind}/${place}`,
    cause: kind,
    summary: `NATS reports: ${place} ${KINDS[kind] ?? kind}`,
    suggestion: SUGGESTION,
    count: 1,
    firstAt: time,
    lastAt: time,
  };
}

function parse(data: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 128) : '';
}
