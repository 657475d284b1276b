import { type Delivery, DomainError, isId } from '@hookline/contracts';
import { type Database, listAttemptsById } from '@hookline/event-log';
import { type DeliveryRow, findDelivery } from '../postgres/list-deliveries.ts';
import { toDeliveryMessage } from './delivery-message.ts';
import { refuseDropped } from './refuse-dropped.ts';

interface DeliveryName {
  readonly tenant: string;
  readonly id: string;
}

/**
 * The delivery as it stands. Throws DomainError `not_found` when the tenant has none of this id, which
 * says so if it is of a time whose events have been dropped.
 */
export async function requireDelivery(
  database: Database,
  { tenant, id }: DeliveryName,
): Promise<DeliveryRow> {
  const isWellFormed = isId('dlv', id);
  const row = isWellFormed
    ? await findDelivery(database.pool, { tenant, deliveryId: id })
    : undefined;
  if (row !== undefined) return row;
  if (isWellFormed) await refuseDropped(database, `delivery "${id}"`, id);
  throw new DomainError('not_found', `no delivery "${id}"`);
}

/** The delivery as the API shows it, with its last attempt. */
export async function showDelivery(database: Database, name: DeliveryName): Promise<Delivery> {
  const row = await requireDelivery(database, name);
  const [last] = await listAttemptsById(database.kysely, {
    tenant: name.tenant,
    deliveryIds: [name.id],
    attemptIds: row.last_attempt_id === null ? [] : [row.last_attempt_id],
  });
  return toDeliveryMessage(row, last);
}
