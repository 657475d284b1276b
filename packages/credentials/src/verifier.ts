import { type Caller, hashApiKey, isApiKey, type Role, roles } from './api-key.ts';

/** The one thing asked of the database: rows for a statement with `$1…` parameters. */
export type Query = (sql: string, parameters: unknown[]) => Promise<readonly unknown[]>;

export interface ApiKeyVerifierOptions {
  /** How many keys are remembered; the one unused for longest is forgotten first. Default 10,000. */
  readonly entriesMax?: number;
  /**
   * How long an answer is believed, in milliseconds. Default 2,000: a revoked key is refused within
   * that time even where no word of the revocation arrives, and one used constantly costs one query
   * in two seconds.
   */
  readonly believedMs?: number;
  /** Milliseconds since some start, never going back; for tests. */
  readonly now?: () => number;
}

export interface ApiKeyVerifier {
  /**
   * Who a key belongs to; undefined when it is malformed, unknown, expired or revoked.
   * Throws what the query throws: a database that cannot be asked is no reason to say "wrong key".
   */
  verify(key: string): Promise<Caller | undefined>;
  /**
   * Forgets what is remembered of a key by its id, or everything: it was revoked, here or elsewhere.
   * An answer that is being read meanwhile is given and not remembered.
   */
  forget(keyId?: string): void;
}

interface KeyRow {
  readonly key_id: string;
  readonly key_hash: string;
  readonly tenant: string;
  readonly role: string;
  readonly requests_per_second_max?: number | null;
}

interface Entry {
  readonly caller: Caller | undefined;
  readonly until: number;
}

const hashesPerQuery = 500;

/**
 * Reads which of the hashes are valid keys. The database's clock decides about expiry. The time of
 * use is written in the same statement and at most once in a minute for a key, so that a busy key
 * does not turn every check into a write.
 */
const lookupSql = `
  WITH found AS (
    SELECT key_id, key_hash, tenant, role, last_used_at
      FROM hookline.api_key
     WHERE key_hash = ANY($1::text[])
       AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > now())
       AND NOT EXISTS (SELECT FROM hookline.tenant t WHERE t.name = api_key.tenant AND t.deleted_at IS NOT NULL)
  ), used AS (
    UPDATE hookline.api_key SET last_used_at = now()
     WHERE key_id IN (
       SELECT key_id FROM hookline.api_key
        WHERE key_id IN (SELECT key_id FROM found
                          WHERE last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
        ORDER BY key_id
          FOR UPDATE SKIP LOCKED)
  )
  SELECT f.key_id, f.key_hash, f.tenant, f.role, t.requests_per_second_max
    FROM found f LEFT JOIN hookline.tenant t ON t.name = f.tenant`;

function toCaller(row: KeyRow): Caller | undefined {
  if (!(roles as readonly string[]).includes(row.role)) return undefined;
  const quota = row.requests_per_second_max ?? undefined;
  return {
    tenant: row.tenant,
    keyId: row.key_id,
    role: row.role as Role,
    ...(quota !== undefined && { callsPerSecondMax: quota }),
  };
}

/**
 * Verifies API keys against `hookline.api_key`, remembering answers for two seconds.
 *
 * Checks that arrive together share one query, and checks of one key share one answer. Unknown keys
 * are remembered as well, in the same bounded store: guessing costs at most one query in two seconds
 * for each distinct guess, and pushes out nothing but the least recently used.
 */
export function createApiKeyVerifier(
  query: Query,
  options: ApiKeyVerifierOptions = {},
): ApiKeyVerifier {
  const { entriesMax = 10_000, believedMs = 2_000, now = () => performance.now() } = options;
  // Both are keyed by hash: the keys themselves are not kept in memory longer than their request.
  const entries = new Map<string, Entry>();
  const pending = new Map<string, PromiseWithResolvers<Caller | undefined>>();
  let flushing = false;
  /** Raised by every `forget`: what was asked before may be what is to be forgotten. */
  let forgotten = 0;

  const remember = (hash: string, caller: Caller | undefined): void => {
    entries.delete(hash);
    entries.set(hash, { caller, until: now() + believedMs });
    const oldest = entries.keys().next();
    if (entries.size > entriesMax && !oldest.done) entries.delete(oldest.value);
  };

  const lookUp = async (batch: Map<string, PromiseWithResolvers<Caller | undefined>>) => {
    const asked = forgotten;
    try {
      const rows = (await query(lookupSql, [[...batch.keys()]])) as readonly KeyRow[];
      const callers = new Map(rows.map((row) => [row.key_hash, toCaller(row)]));
      for (const [hash, answer] of batch) {
        if (asked === forgotten) remember(hash, callers.get(hash));
        answer.resolve(callers.get(hash));
      }
    } catch (error) {
      for (const answer of batch.values()) answer.reject(error);
    }
  };

  const flush = async (): Promise<void> => {
    while (pending.size > 0) {
      const batch = new Map([...pending].slice(0, hashesPerQuery));
      for (const hash of batch.keys()) pending.delete(hash);
      await lookUp(batch);
    }
    flushing = false;
  };

  const ask = (hash: string): Promise<Caller | undefined> => {
    let answer = pending.get(hash);
    if (answer === undefined) {
      answer = Promise.withResolvers<Caller | undefined>();
      pending.set(hash, answer);
    }
    if (!flushing) {
      flushing = true;
      queueMicrotask(() => void flush());
    }
    return answer.promise;
  };

  return {
    async verify(key) {
      if (!isApiKey(key)) return undefined;
      const hash = hashApiKey(key);
      const known = entries.get(hash);
      if (known !== undefined && known.until > now()) {
        // Set again, so that the order of the map is the order of use.
        entries.delete(hash);
        entries.set(hash, known);
        return known.caller;
      }
      return ask(hash);
    },
    forget(keyId) {
      forgotten += 1;
      if (keyId === undefined) entries.clear();
      for (const [hash, { caller }] of entries) {
        if (caller?.keyId === keyId) entries.delete(hash);
      }
    },
  };
}
