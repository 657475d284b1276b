import {
  type DeadLetterFilter,
  type DeadLetterSelection,
  enumText,
  lineOf,
  Outcome,
} from '@hookline/contracts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { HooklineSchema } from './schema.ts';

export type DeadLetterStateText = 'open' | 'redriving' | 'delivered' | 'discarded';

/** Which dead letters of a tenant; an empty list stands for all, `ids` excepted. */
export interface DeadLetterQuery {
  readonly tenant: string;
  readonly states: readonly DeadLetterStateText[];
  readonly ids?: readonly string[];
  readonly subscriptionIds?: readonly string[];
  readonly lines?: readonly string[];
  readonly causes?: readonly string[];
  /** Patterns of event types as anchored regular expressions. */
  readonly typeExpressions?: readonly string[];
  readonly incidentId?: string;
  readonly startTime?: Date | undefined;
  readonly endTime?: Date | undefined;
}

/** What a checked filter asks for, states aside. */
export function queryOfFilter(
  tenant: string,
  filter: DeadLetterFilter | undefined,
): Omit<DeadLetterQuery, 'states'> {
  if (filter === undefined) return { tenant };
  return {
    tenant,
    subscriptionIds: filter.subscriptionIds,
    lines: filter.subjects.map((subject) => lineOf(tenant, subject, '')),
    causes: filter.outcomes.map((outcome) => enumText(Outcome, 'OUTCOME_', outcome) ?? ''),
    typeExpressions: filter.eventTypes.map(typeExpression),
    ...(filter.incidentId !== '' && { incidentId: filter.incidentId }),
    startTime: filter.startTime,
    endTime: filter.endTime,
  };
}

/**
 * What a redrive or a discard of a checked selection may take: by filter what is open, by id also what
 * was discarded, since somebody means that very one.
 */
export function queryOfSelection(
  tenant: string,
  { selection }: DeadLetterSelection,
): DeadLetterQuery {
  if (selection?.$case === 'ids') {
    return { tenant, states: ['open', 'discarded'], ids: selection.value.ids };
  }
  return { ...queryOfFilter(tenant, selection?.value), states: ['open'] };
}

/**
 * The condition on `hookline.dead_letter`, under the alias `d`. States are written into the text, not
 * passed: the planner takes the partial indexes on them only then.
 */
export function deadLetterCondition(query: DeadLetterQuery): RawBuilder<boolean> {
  const states = query.states.map((state) => sql.lit(state));
  const conditions: RawBuilder<unknown>[] = [
    sql`d.tenant = ${query.tenant}`,
    sql`d.state IN (${sql.join(states)})`,
  ];
  const anyOf = (column: string, values: readonly string[] = []) => {
    if (values.length > 0) conditions.push(sql`${sql.ref(column)} = ANY(${[...values]}::text[])`);
  };
  if (query.ids !== undefined) conditions.push(sql`d.delivery_id = ANY(${[...query.ids]}::text[])`);
  anyOf('d.subscription_id', query.subscriptionIds);
  anyOf('d.line', query.lines);
  anyOf('d.cause', query.causes);
  if ((query.typeExpressions ?? []).length > 0) {
    conditions.push(sql`d.event_type ~ ANY(${[...(query.typeExpressions ?? [])]}::text[])`);
  }
  if (query.incidentId !== undefined) conditions.push(sql`d.incident_id = ${query.incidentId}`);
  if (query.startTime !== undefined) conditions.push(sql`d.died_at >= ${query.startTime}`);
  if (query.endTime !== undefined) conditions.push(sql`d.died_at < ${query.endTime}`);
  return sql`${sql.join(conditions, sql` AND `)}`;
}

/** The same as text, its parameters numbered from 1, for statements that are not Kysely's. */
export function deadLetterConditionText(
  db: Kysely<HooklineSchema>,
  query: DeadLetterQuery,
): { readonly text: string; readonly values: readonly unknown[] } {
  const { sql: text, parameters } = deadLetterCondition(query).compile(db);
  return { text, values: parameters };
}

/** A checked type pattern as an expression that Postgres takes, with the rules of matching. */
function typeExpression(pattern: string): string {
  if (pattern === '*') return '^(?!hookline(\\.|$))';
  const segments = pattern.split('.');
  const parts = segments.map((segment, index) => {
    if (segment !== '*') return segment;
    return index === segments.length - 1 ? '.+' : '[^.]+';
  });
  const own = segments[0] === '*' ? '(?!hookline(\\.|$))' : '';
  return `^${own}${parts.join('\\.')}$`;
}
