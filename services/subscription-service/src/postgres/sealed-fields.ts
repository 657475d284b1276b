import { ShreddedError, type TenantSealer } from '@hookline/credentials';
import {
  appendToStream,
  type EventCodec,
  type EventMetadata,
  type HooklineSchema,
} from '@hookline/event-log';
import type { Kysely } from 'kysely';

/** Which aggregate an event belongs to; what is sealed in it opens nowhere else. */
export interface AggregatePlace {
  readonly kind: 'tenant' | 'api-key' | 'agent-credential';
  readonly tenant: string;
  readonly id: string;
}

/** Fields of events that hold what is personal, and what they read as once it was shredded. */
export const personalFields: Readonly<Record<string, unknown>> = {
  contacts: [],
  name: '',
  description: '',
};

type Fields = Record<string, unknown>;

/** The stream of an aggregate. No line of a server is called so: those have a slash after the tenant. */
export function streamOf({ kind, id }: Pick<AggregatePlace, 'kind' | 'id'>): string {
  return `${kind}:${id}`;
}

/**
 * Writes events with what is personal sealed under the tenant's key, each such value as JSON. A
 * tenant's own name is none of it. An event whose key was destroyed reads as if nothing was said.
 */
export function sealedFieldsCodec<E extends { readonly type: string }>(
  sealer: Pick<TenantSealer, 'seal' | 'open'>,
  place: AggregatePlace,
): EventCodec<E> {
  const seal = (fields: Fields): Fields =>
    mapPersonal(fields, place, (name, value) =>
      value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
        ? value
        : sealer.seal(JSON.stringify(value), personalContext(place, name)),
    );
  const open = (fields: Fields): Fields =>
    mapPersonal(fields, place, (name, value) => openPersonal(sealer, { place, name, value }));
  return {
    encode({ type, ...data }) {
      return { type, data: withSettings(seal, data) };
    },
    decode({ type, data }) {
      return { type, ...withSettings(open, JSON.parse(data) as Fields) } as unknown as E;
    },
  };
}

/** Appends the first event of an aggregate, in the caller's transaction. */
export async function appendFirst<E extends { readonly type: string }>(
  transaction: Kysely<HooklineSchema>,
  place: AggregatePlace,
  first: {
    readonly event: E;
    readonly sealer: Pick<TenantSealer, 'seal' | 'open'>;
    readonly metadata: EventMetadata;
  },
): Promise<void> {
  await appendToStream(transaction, {
    stream: streamOf(place),
    expectedVersion: 0n,
    events: [sealedFieldsCodec<E>(first.sealer, place).encode(first.event)],
    metadata: first.metadata,
  });
}

/** What a personal field of an event holds. */
export function openPersonal(
  sealer: Pick<TenantSealer, 'open'>,
  field: { readonly place: AggregatePlace; readonly name: string; readonly value: unknown },
): unknown {
  const { place, name, value } = field;
  if (typeof value !== 'string' || value === '') return value;
  try {
    return JSON.parse(sealer.open(value, personalContext(place, name)));
  } catch (error) {
    if (error instanceof ShreddedError) return personalFields[name];
    throw error;
  }
}

function personalContext({ kind, tenant, id }: AggregatePlace, name: string): string {
  return `${kind}:${tenant}/${id}:${name}`;
}

function mapPersonal(
  fields: Fields,
  { kind }: AggregatePlace,
  map: (name: string, value: unknown) => unknown,
): Fields {
  const isPersonal = (name: string) =>
    name in personalFields && !(kind === 'tenant' && name === 'name');
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isPersonal(name) ? map(name, value) : value,
    ]),
  );
}

function withSettings(map: (fields: Fields) => Fields, data: Fields): Fields {
  const { settings } = data;
  return { ...map(data), ...(settings !== undefined && { settings: map(settings as Fields) }) };
}
