import { OPERATOR_TENANT, type Showing } from './incident.ts';

/** What an incident is made of, of a rejected message. */
export interface RejectedSummary {
  readonly tenant: string | null;
  /** Whether there is such a tenant. */
  readonly is_known: boolean;
  readonly host: string | null;
  readonly channel: string;
  readonly code: string;
  readonly reason: string;
  readonly received_at: Date;
}

export interface RejectedGroup<R extends RejectedSummary> {
  readonly showing: Showing;
  readonly messages: readonly R[];
}

const SUGGESTION =
  'Mend what publishes them, then correct what was rejected and put it in again (ListRejected, ResubmitRejected).';

/**
 * Sorts rejected messages by who published them and what is wrong, in the order of their groups. What
 * is no tenant's that is there is the operator's trouble.
 */
export function groupRejected<R extends RejectedSummary>(
  messages: readonly R[],
): RejectedGroup<R>[] {
  const groups = Map.groupBy(messages, (message) => JSON.stringify(placeOf(message)));
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => ({ showing: showingOf(members), messages: members }));
}

function placeOf({ tenant, is_known: isKnown, host, channel, code }: RejectedSummary) {
  const owner = isKnown && tenant !== null ? tenant : OPERATOR_TENANT;
  return { owner, by: host ?? channel, host: host ?? undefined, code };
}

function showingOf(messages: readonly RejectedSummary[]): Showing {
  const first = messages[0] as RejectedSummary;
  const { owner, by, host, code } = placeOf(first);
  const times = messages.map((message) => message.received_at.getTime());
  const whose = first.is_known ? '' : ` for tenant "${first.tenant ?? ''}", which is not there,`;
  return {
    tenant: owner,
    kind: 'ingest_rejected',
    groupKey: `rejected/${by}/${code}`,
    ...(host !== undefined && { host }),
    cause: code,
    summary: `What ${host === undefined ? `comes over ${by}` : `host ${host} publishes`}${whose} is rejected: ${first.reason}`,
    suggestion: SUGGESTION,
    count: messages.length,
    firstAt: new Date(Math.min(...times)),
    lastAt: new Date(Math.max(...times)),
  };
}
