import { type Kysely, sql } from 'kysely';

/** The look-up of keys that an append begins with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

/**
 * The settings keep the planner to the primary keys. Statistics of a day's partition are minutes old,
 * and with those of an empty one it reads the whole of a day for each append.
 */
const statements = `
CREATE FUNCTION hookline.known_keys(keys bytea[], days integer)
RETURNS TABLE (key bytea, event_id text, "position" bigint) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT k.key, k.event_id, k.position FROM hookline.idempotency_key k
    WHERE k.key = ANY (keys) AND k.day BETWEEN current_date - days AND current_date ORDER BY k.day;
END $$;
COMMENT ON FUNCTION hookline.known_keys(bytea[], integer) IS 'Which of these keys were appended in the last days, the earliest day of each first.';
`;
