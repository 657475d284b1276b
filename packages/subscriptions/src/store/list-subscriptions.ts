import { DomainError, isId } from '@hookline/contracts';
import { type Database, fingerprintOf } from '@hookline/event-log';
import { type Expression, type SqlBool, sql } from 'kysely';
import type { SubscriptionCodec } from './sealed-document.ts';
import { type Subscription, viewOfRow } from './subscription-view.ts';

export interface ListSubscriptions {
  readonly tenant: string;
  /** 1 to 1,000. */
  readonly pageSize: number;
  /** `nextPageToken` of the page before; absent or empty: the first page. */
  readonly pageToken?: string;
  /** Absent or empty: all. */
  readonly states?: readonly ('active' | 'paused' | 'disabled')[];
  readonly formats?: readonly string[];
  /** A text that the URL or the description holds, regardless of case. */
  readonly query?: string;
}

export interface SubscriptionPage {
  /** Newest first; deleted ones are not listed. */
  readonly subscriptions: readonly Subscription[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

const columns = [
  'subscription_id',
  'tenant',
  'hook_number',
  'version',
  'epoch',
  'matches_from_epoch',
  'state',
  'disabled_reason',
  'disabled_at',
  'enabled_at',
  'document',
  'created_at',
  'updated_at',
] as const;

/** One page of a tenant's subscriptions. Throws DomainError `invalid_argument` for a foreign page token. */
export async function listSubscriptions(
  { kysely }: Database,
  codec: SubscriptionCodec,
  request: ListSubscriptions,
): Promise<SubscriptionPage> {
  const { tenant, pageSize, states = [], formats = [], query = '' } = request;
  const scope = fingerprintOf({ tenant, states, formats, query }).toString('base64url', 0, 9);
  const before = readPageToken(request.pageToken ?? '', scope);
  const settings = sql`(document::jsonb -> 'settings')`;
  const holds = (field: string): Expression<SqlBool> =>
    sql<SqlBool>`strpos(lower(${settings} ->> ${sql.lit(field)}), lower(${query})) > 0`;
  const rows = await kysely
    .selectFrom('hookline.subscription')
    .select(columns)
    .where('tenant', '=', tenant)
    .where('state', '<>', 'deleted')
    .$if(before !== undefined, (q) => q.where('subscription_id', '<', before as string))
    .$if(states.length > 0, (q) => q.where('state', 'in', states))
    .$if(formats.length > 0, (q) => q.where(sql`${settings} ->> 'format'`, 'in', formats))
    .$if(query !== '', (q) => q.where((eb) => eb.or([holds('url'), holds('description')])))
    .orderBy('subscription_id', 'desc')
    .limit(pageSize + 1)
    .execute();
  const page = rows.slice(0, pageSize);
  const last = page.at(-1);
  return {
    subscriptions: page.map((row) => viewOfRow(row, codec)),
    nextPageToken:
      rows.length > pageSize && last !== undefined ? `${scope}.${last.subscription_id}` : '',
  };
}

/** One subscription of a tenant that is not deleted; undefined when there is none. */
export async function findSubscription(
  { kysely }: Database,
  codec: SubscriptionCodec,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
): Promise<Subscription | undefined> {
  if (!isId('sub', subscriptionId)) return undefined;
  const row = await kysely
    .selectFrom('hookline.subscription')
    .select(columns)
    .where('subscription_id', '=', subscriptionId)
    .where('tenant', '=', tenant)
    .where('state', '<>', 'deleted')
    .executeTakeFirst();
  return row && viewOfRow(row, codec);
}

function readPageToken(token: string, scope: string): string | undefined {
  if (token === '') return undefined;
  const [tokenScope, id] = token.split('.');
  if (id !== undefined && tokenScope === scope) return id;
  const detail =
    'this token is not of a list with the same other fields; send a next_page_token as it came, with the fields of the first page';
  throw new DomainError('invalid_argument', `page_token: ${detail}`, {
    fields: [{ field: 'page_token', detail }],
  });
}
