import { DomainError } from '@hookline/contracts';
import type { Caller, TenantSealer } from '@hookline/credentials';
import {
  type Database,
  type EventMetadata,
  type HooklineSchema,
  VersionConflictError,
} from '@hookline/event-log';
import { originContext } from '@hookline/service-runtime';
import type { Kysely } from 'kysely';
import { OPERATOR_TENANT, tenantNotFound } from '../domain/tenant.ts';

/** Who does something, and from where; what the audit log keeps of it. */
export interface Act {
  /** For instance `key:key_…`, `bootstrap` or `system:subscription-service`. */
  readonly actor: string;
  /** Empty for a service. */
  readonly remoteAddress: string;
  readonly traceId?: string;
  readonly reason?: string;
}

/** What the stores of the administration stand on. */
export interface Administration {
  readonly database: Database;
  readonly sealer: TenantSealer;
  readonly now: () => number;
}

/** What is kept with every event of an act. The tenant's key must be at hand. */
export function metadataOf(
  act: Act,
  tenant: string,
  sealer: Pick<TenantSealer, 'seal'>,
): EventMetadata {
  const { actor, remoteAddress, traceId, reason = '' } = act;
  const origin = JSON.stringify({ remote_address: remoteAddress });
  return {
    tenant,
    actor,
    attributes: {
      ...(remoteAddress !== '' && { origin: sealer.seal(origin, originContext(tenant)) }),
      ...(traceId !== undefined && { traceid: traceId }),
      ...(reason !== '' && { reason }),
    },
  };
}

/** An admin of tenant `default` reaches every tenant. */
export function isOperator({ tenant, role }: Caller): boolean {
  return tenant === OPERATOR_TENANT && role === 'admin';
}

/**
 * The name of the tenant that a request means: the caller's own, or any that is there for the
 * operator, with `deleted` also one that was. @throws DomainError `not_found`, the same whether the tenant is unknown or out of reach
 */
export async function reachTenant(
  { kysely }: Database,
  caller: Caller,
  name: string,
  { deleted = false } = {},
): Promise<string> {
  if (name === '' || name === caller.tenant) return caller.tenant;
  if (!isOperator(caller)) throw tenantNotFound();
  const row = await kysely
    .selectFrom('hookline.tenant')
    .select('name')
    .where('name', '=', name)
    .$if(!deleted, (q) => q.where('deleted_at', 'is', null))
    .executeTakeFirst();
  if (row === undefined) throw tenantNotFound();
  return row.name;
}

/**
 * Locks a tenant that is there until the end of the transaction, so that what is counted of it stays
 * true. @throws DomainError `not_found` when it was deleted
 */
export async function lockTenant(
  transaction: Kysely<HooklineSchema>,
  name: string,
): Promise<{ readonly credentials_max: bigint | null }> {
  const row = await transaction
    .selectFrom('hookline.tenant')
    .select('credentials_max')
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw tenantNotFound();
  return row;
}

/** A version that is not the expected one, as the caller is told of it. */
export async function withEtagConflicts<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
    throw new DomainError(
      'conflict',
      'it has changed since its etag was read; read it again and repeat the change',
      { cause: error },
    );
  }
}
