/** Where deliveries are found, each in the order of its ids, by an index. */
export type DeliverySource = 'attempts' | 'failures' | 'schedule' | 'cancelled' | 'dead';

/** The server that a row's event is about, from its line. */
const subjectOf = (table: string) =>
  `CASE WHEN ${table}.line LIKE ${table}.tenant || '/s/%' THEN substr(${table}.line, length(${table}.tenant) + 4) END`;

const untried = (table: string, rule: string) => (conditions: string, limit: string) =>
  `(SELECT t.delivery_id, t.event_recorded_at AS recorded_at, t.event_type, ${subjectOf('t')} AS subject
    FROM hookline.${table} t
    WHERE ${conditions} AND ${rule} ORDER BY t.delivery_id DESC LIMIT ${limit})`;

const tried = (rule: string) => (conditions: string, limit: string) =>
  `(SELECT DISTINCT ON (t.delivery_id) t.delivery_id, t.event_recorded_at AS recorded_at, t.event_type, t.subject
    FROM hookline.attempt_log t
    WHERE ${conditions} AND ${rule} ORDER BY t.delivery_id DESC LIMIT ${limit})`;

/** The statement of each source for conditions on `t`, with the parameter of its limit. */
export const SOURCES: Readonly<
  Record<DeliverySource, (conditions: string, limit: string) => string>
> = {
  attempts: tried('true'),
  /** Those that ever failed: few of millions, and with an index of their own. */
  failures: tried("t.outcome <> 'succeeded'"),
  schedule: untried('schedule', 'true'),
  cancelled: untried('cancelled_delivery', 'true'),
  // Events that nobody settled expire without a subscription, and are no deliveries.
  dead: untried('dead_letter', "t.subscription_id <> ''"),
};

/** What a delivery in such a state is surely found by. */
const BY_STATE: Readonly<Record<string, readonly DeliverySource[]>> = {
  pending: ['schedule'],
  scheduled: ['schedule'],
  succeeded: ['attempts'],
  // A ping that failed is dead without a dead letter.
  dead: ['failures', 'dead'],
  cancelled: ['cancelled', 'dead'],
  expired: ['dead'],
};

/** The fewest sources that hold every delivery asked for. */
export function chooseSources(query: {
  readonly states?: readonly string[];
  readonly outcomes?: readonly string[];
}): readonly DeliverySource[] {
  const { states, outcomes } = query;
  if (states !== undefined) {
    const sources = states.flatMap((state): readonly DeliverySource[] => {
      return BY_STATE[state] ?? ['attempts'];
    });
    return [...new Set(sources)];
  }
  if (outcomes !== undefined) {
    return outcomes.includes('succeeded') ? ['attempts'] : ['failures'];
  }
  return ['attempts', 'schedule', 'cancelled', 'dead'];
}

/**
 * Goes through a source event by event, by the time with which the ids of its deliveries begin. The
 * parameters are the events' ids and those times.
 */
export function eachEvent([eventIds, times]: readonly [string, string]) {
  return {
    condition: "t.event_id = e.id AND t.delivery_id >= e.time AND t.delivery_id < e.time || '~'",
    wrap: (source: string) =>
      `(SELECT u.* FROM unnest(${eventIds}::text[], ${times}::text[]) AS e(id, time) CROSS JOIN LATERAL ${source} u)`,
  };
}
