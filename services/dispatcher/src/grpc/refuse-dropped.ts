import { DomainError, idTimeMs } from '@hookline/contracts';
import { type Database, findRetentionBoundary } from '@hookline/event-log';

/**
 * Says of something not found that it has been dropped, if its id is of a time whose events have been;
 * else says nothing. `what` names it at the start of a sentence, `id` is well-formed.
 *
 * @throws DomainError `not_found`
 */
export async function refuseDropped(database: Database, what: string, id: string): Promise<void> {
  const boundary = await findRetentionBoundary(database.pool);
  if (boundary === undefined || idTimeMs(id) >= boundary.getTime()) return;
  const time = new Date(idTimeMs(id)).toISOString().slice(0, 10);
  const kept = boundary.toISOString().slice(0, 10);
  throw new DomainError(
    'not_found',
    `${what}: nothing is kept of ${time}, which is older than the retention time; events and attempts are kept from ${kept} on`,
  );
}
