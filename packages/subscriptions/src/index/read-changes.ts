import type { Database } from '@hookline/event-log';
import type { TenantSettings } from '../domain/settings.ts';
import type { SubscriptionRow } from './indexed-subscription.ts';

/** Rows of one page; a page of documents stays some megabytes. */
const PAGE_ROWS = 5_000;

export interface SubscriptionChanges {
  /** In the order of their epochs. */
  readonly rows: readonly SubscriptionRow[];
  /** Every change up to this epoch is known once the rows are applied. */
  readonly epoch: bigint;
  /** There are further rows. */
  readonly more: boolean;
}

/**
 * Reads what changed after `known`, one page. Deleted subscriptions are left out up to epoch
 * `deletedAfter`: a first load need not hear of them.
 *
 * The epoch row is locked by every change until its commit, so a snapshot that shows epoch N shows
 * every change up to N.
 */
export async function readChanges(
  { pool }: Database,
  { known, deletedAfter }: { readonly known: bigint; readonly deletedAfter: bigint },
): Promise<SubscriptionChanges> {
  const { rows } = await pool.query<SubscriptionRow & { current: bigint }>({
    name: 'subscription-changes',
    text: `SELECT e.value AS current, s.*
      FROM hookline.subscription_epoch e LEFT JOIN LATERAL (
        SELECT subscription_id, tenant, hook_number, epoch, matches_from_epoch, state,
          disabled_reason, document, created_at, updated_at
        FROM hookline.subscription
        WHERE epoch > $1 AND (state <> 'deleted' OR epoch > $2)
        ORDER BY epoch LIMIT ${PAGE_ROWS}) s ON true
      ORDER BY s.epoch`,
    values: [known, deletedAfter],
  });
  const current = rows[0]?.current ?? known;
  // Without a change the join answers one row of nulls.
  const changed = rows.filter((row) => row.subscription_id !== null);
  const more = changed.length === PAGE_ROWS;
  return { rows: changed, epoch: more ? (changed.at(-1)?.epoch ?? current) : current, more };
}

interface TenantRow {
  readonly name: string;
  readonly control_domain: string;
  readonly control_name: string;
  readonly control_support_link: string;
  readonly contacts: string[];
  readonly updated_at: Date;
}

/** Tenants' settings changed since `since`, by name, and the newest time of change among them. */
export async function readTenants(
  { pool }: Database,
  since: Date,
): Promise<{ readonly tenants: Map<string, TenantSettings>; readonly newest: Date }> {
  const { rows } = await pool.query<TenantRow>({
    name: 'tenant-settings',
    text: `SELECT name, control_domain, control_name, control_support_link, contacts, updated_at
      FROM hookline.tenant WHERE updated_at >= $1 ORDER BY updated_at`,
    values: [since],
  });
  const tenants = rows.map((row): [string, TenantSettings] => [
    row.name,
    {
      controlDomain: row.control_domain,
      controlName: row.control_name,
      controlSupportLink: row.control_support_link,
      contacts: row.contacts,
    },
  ]);
  return { tenants: new Map(tenants), newest: rows.at(-1)?.updated_at ?? since };
}
