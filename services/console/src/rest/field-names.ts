/** Fields that REST names otherwise than gRPC, the longer ones first. */
const NAMES: readonly (readonly [string, string])[] = [
  ['filter.types', 'events'],
  ['filter.statuses', 'statuses'],
  ['filter.phases', 'phases'],
  ['filter.subjects', 'subjects'],
  ['selection.ids.ids', 'ids'],
  ['selection.ids', 'ids'],
  ['selection.filter.subscription_ids', 'filter.webhook_id'],
  ['selection.filter.event_types', 'filter.type'],
  ['selection.filter.subjects', 'filter.subject'],
  ['selection.filter.outcomes', 'filter.outcome'],
  ['selection.filter.start_time', 'filter.from'],
  ['selection.filter.end_time', 'filter.to'],
  ['selection', 'ids'],
  ['filter.subscription_ids', 'webhook_id'],
  ['filter.event_types', 'type'],
  ['filter.outcomes', 'outcome'],
  ['filter.incident_id', 'incident_id'],
  ['filter.start_time', 'from'],
  ['filter.end_time', 'to'],
  ['retry_policy.delays', 'retry.delays_seconds'],
  ['retry_policy', 'retry'],
  ['subscription_id', 'webhook_id'],
  ['event_types', 'type'],
  ['types', 'type'],
  ['request_id', 'Idempotency-Key'],
  ['etag', 'If-Match'],
  ['overlap', 'overlap_seconds'],
  ['expire_time', 'expires_at'],
  ['start_time', 'from'],
  ['end_time', 'to'],
  ['outcomes', 'outcome'],
  ['states', 'state'],
  ['roles', 'role'],
  ['actions', 'action'],
  ['kinds', 'kind'],
  ['codes', 'code'],
  ['statuses', 'status'],
  ['phases', 'phase'],
  ['formats', 'format'],
];

/** What gRPC wraps around the fields of a body. */
const WRAPPERS = /^(subscription|replay\.events|replay|tenant|api_key|agent_credential)\./;

/** `subscription.filter.types[0]`, as gRPC names a field, as REST names it: `events[0]`. */
export function restFieldOf(field: string): string {
  const path = field.replace(WRAPPERS, '');
  for (const [from, to] of NAMES) {
    const rest = path.slice(from.length);
    if (path.startsWith(from) && /^($|[.[])/.test(rest)) return `${to}${rest}`;
  }
  return path;
}
