/** Fields that REST names otherwise than gRPC, the longer ones first. */
const NAMES: readonly (readonly [string, string])[] = [
  ['filter.types', 'events'],
  ['filter.statuses', 'statuses'],
  ['filter.phases', 'phases'],
  ['retry_policy.delays', 'retry.delays_seconds'],
  ['retry_policy', 'retry'],
  ['subscription_id', 'webhook_id'],
  ['event_types', 'type'],
  ['request_id', 'Idempotency-Key'],
  ['start_time', 'from'],
  ['end_time', 'to'],
  ['outcomes', 'outcome'],
  ['states', 'state'],
];

/** `subscription.filter.types[0]`, as gRPC names a field, as REST names it: `events[0]`. */
export function restFieldOf(field: string): string {
  const path = field.replace(/^subscription\./, '');
  for (const [from, to] of NAMES) {
    const rest = path.slice(from.length);
    if (path.startsWith(from) && /^($|[.[])/.test(rest)) return `${to}${rest}`;
  }
  return path;
}
