/** What a revocation depends on, of every credential that was ever made for one agent. */
export interface IssuedCredential {
  readonly userPublicKey: string;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
  readonly revokedAt?: Date;
}

/** Stands for every user of the account, see @hookline/nats-authority. */
const EVERY_USER = '*';
/** Clocks, and the time between making a credential and putting it on record. */
const MARGIN_MS = 60_000;
/** As many are named one by one; claims stay some kilobytes. */
const NAMED_MAX = 16;

/**
 * The revocations that an account's claims have to hold: by user the time up to which what was
 * issued counts no longer. One that has expired since needs none. When there are many, those issued
 * well before every credential that still works are revoked together, by time.
 */
export function revocationsOf(
  credentials: readonly IssuedCredential[],
  now: Date,
): Map<string, Date> {
  const time = now.getTime();
  const hasEnded = ({ expiresAt }: IssuedCredential) =>
    expiresAt !== undefined && expiresAt.getTime() + MARGIN_MS < time;
  const kept = credentials.filter((credential) => !hasEnded(credential));
  const revoked = kept.filter(({ revokedAt }) => revokedAt !== undefined);
  const named = (list: readonly IssuedCredential[]): [string, Date][] =>
    list.map(({ userPublicKey, revokedAt }) => [userPublicKey, revokedAt as Date]);
  if (revoked.length <= NAMED_MAX) return new Map(named(revoked));
  const working = kept.filter(({ revokedAt }) => revokedAt === undefined);
  const oldest = Math.min(time, ...working.map(({ createdAt }) => createdAt.getTime()));
  const upTo = oldest - MARGIN_MS;
  const younger = revoked.filter(({ createdAt }) => createdAt.getTime() + MARGIN_MS > upTo);
  if (younger.length === revoked.length) return new Map(named(revoked));
  return new Map([[EVERY_USER, new Date(upTo)], ...named(younger)]);
}
