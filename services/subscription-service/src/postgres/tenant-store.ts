import { DomainError, newId } from '@hookline/contracts';
import type { NewTenantKey, TenantSealer } from '@hookline/credentials';
import { createDeciderRunner, type HooklineSchema } from '@hookline/event-log';
import type { Kysely } from 'kysely';
import {
  type TenantChanges,
  type TenantCommand,
  type TenantEvent,
  type TenantSettings,
  type TenantState,
  tenantDecider,
  tenantNotFound,
} from '../domain/tenant.ts';
import { type Act, type Administration, metadataOf, withEtagConflicts } from './act.ts';
import { adoptTenant } from './adopt.ts';
import { type AggregatePlace, sealedFieldsCodec, streamOf } from './sealed-fields.ts';
import {
  columnsOfSettings,
  findTenantRow,
  type TenantRow,
  type TenantView,
  viewOfTenantRow,
} from './tenant-rows.ts';

type Transaction = Kysely<HooklineSchema>;

/** What else is to be true with a new tenant, in its transaction. */
export interface AlongsideNewTenant {
  readonly before: (transaction: Transaction) => Promise<void>;
  readonly after: (
    transaction: Transaction,
    made: { readonly tenant: TenantView; readonly key: NewTenantKey },
  ) => Promise<void>;
}

export interface TenantStore {
  /** Throws DomainError `already_exists` for a name that is taken, or was. */
  create(
    tenant: { readonly name: string; readonly settings: TenantSettings },
    act: Act,
    alongside: AlongsideNewTenant,
  ): Promise<TenantView>;
  /** Throws `not_found`, `conflict` for an etag that is not the present one, `permission_denied`. */
  update(
    target: { readonly id: string; readonly etag: string },
    change: { readonly changes: TenantChanges; readonly byOperator: boolean },
    act: Act,
  ): Promise<TenantView>;
  /** Marks it as deleted: from then on its keys open nothing. Answers its name. */
  delete(
    target: { readonly id: string; readonly etag: string; readonly confirmName: string },
    act: Act,
  ): Promise<string>;
}

export function createTenantStore(administration: Administration): TenantStore {
  const { database, sealer, now } = administration;
  const at = () => new Date(now()).toISOString();

  const runnerOf = (place: AggregatePlace, keys: Pick<TenantSealer, 'seal' | 'open'> = sealer) =>
    createDeciderRunner<TenantCommand, TenantEvent, TenantState>(database, {
      decider: tenantDecider,
      codec: sealedFieldsCodec<TenantEvent>(keys, place),
      streamOf: (id) => streamOf({ kind: 'tenant', id }),
    });

  const open = async (id: string): Promise<{ row: TenantRow; place: AggregatePlace }> => {
    const row = await findTenantRow(database.kysely, id);
    if (row === undefined) throw tenantNotFound();
    await sealer.ready([row.name]);
    await adoptTenant(administration, row);
    return { row, place: { kind: 'tenant', tenant: row.name, id } };
  };

  return {
    async create({ name, settings }, act, alongside) {
      const id = newId('ten', now());
      const key = sealer.newTenantKey(name);
      const runner = runnerOf({ kind: 'tenant', tenant: name, id }, key.sealer);
      let made: TenantView | undefined;
      await runner.run({
        id,
        command: { kind: 'create', id, name, settings, at: at() },
        expectedVersion: 0n,
        metadata: metadataOf(act, name, key.sealer),
        alongside: async (transaction) => {
          await alongside.before(transaction);
          made = viewOfTenantRow(await insertTenant(transaction, { id, name, settings, key }));
          await alongside.after(transaction, { tenant: made, key });
        },
      });
      if (made === undefined) throw new Error('a creation made no tenant');
      return made;
    },
    async update({ id, etag }, { changes, byOperator }, act) {
      const { row, place } = await open(id);
      let updated: TenantView | undefined;
      await withEtagConflicts(() =>
        runnerOf(place).run({
          id,
          command: { kind: 'update', changes, byOperator, at: at() },
          expectedVersion: versionOf(etag),
          metadata: metadataOf(act, row.name, sealer),
          alongside: async (transaction, { state, version }) => {
            if (state.state !== 'active') throw new Error('an update left no tenant');
            updated = await updateTenant(transaction, { id, settings: state.settings, version });
          },
        }),
      );
      return updated ?? viewOfTenantRow((await open(id)).row);
    },
    async delete({ id, etag, confirmName }, act) {
      const { row, place } = await open(id);
      await withEtagConflicts(() =>
        runnerOf(place).run({
          id,
          command: { kind: 'delete', confirmName, at: at() },
          expectedVersion: versionOf(etag),
          metadata: metadataOf(act, row.name, sealer),
          alongside: async (transaction, { version }) => {
            await transaction
              .updateTable('hookline.tenant')
              .set((eb) => ({ version, deleted_at: eb.fn('now'), updated_at: eb.fn('now') }))
              .where('tenant_id', '=', id)
              .execute();
          },
        }),
      );
      return row.name;
    },
  };
}

function versionOf(etag: string): bigint | 'current' {
  if (etag === '') return 'current';
  // An etag that is none of ours is one that no version has.
  return /^\d{1,18}$/.test(etag) ? BigInt(etag) : -1n;
}

async function insertTenant(
  transaction: Transaction,
  tenant: {
    readonly id: string;
    readonly name: string;
    readonly settings: TenantSettings;
    readonly key: NewTenantKey;
  },
): Promise<TenantRow> {
  const { id, name, settings, key } = tenant;
  const row = await transaction
    .insertInto('hookline.tenant')
    .values({ name, tenant_id: id, deleted_at: null, ...columnsOfSettings(settings) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) {
    const detail = 'it is taken, or was the name of a deleted tenant; choose another';
    throw new DomainError('already_exists', `tenant.name: ${detail}`, {
      fields: [{ field: 'tenant.name', detail }],
    });
  }
  await transaction
    .insertInto('hookline.tenant_key')
    .values({ tenant: name, data_key: key.dataKey })
    .execute();
  return row;
}

async function updateTenant(
  transaction: Transaction,
  update: { readonly id: string; readonly settings: TenantSettings; readonly version: bigint },
): Promise<TenantView> {
  const row = await transaction
    .updateTable('hookline.tenant')
    .set((eb) => ({
      ...columnsOfSettings(update.settings),
      version: update.version,
      updated_at: eb.fn('now'),
    }))
    .where('tenant_id', '=', update.id)
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw tenantNotFound();
  return viewOfTenantRow(row);
}
