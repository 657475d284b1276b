import {
  DomainError,
  type EventType,
  eventTypes,
  exampleEventData,
  type GrpcEventType,
  type ListEventTypesRequest,
  type ListEventTypesResponse,
} from '@hookline/contracts';
import { readPageSize, readPageToken, writePageToken } from '@hookline/service-runtime';

const PAGE_SIZE = 1_000;
const QUERY_MAX = 200;

const catalogue: readonly GrpcEventType[] = eventTypes
  .map(toMessage)
  .sort((a, b) => (a.type < b.type ? -1 : 1));

/** A tenant's own event types, by name. */
export type FindCustomEventTypes = (tenant: string) => Promise<readonly string[]>;

/** One page of the catalogue by name, with what a tenant has added to it. */
export async function listEventTypes(
  request: ListEventTypesRequest,
  tenant: string,
  findCustom: FindCustomEventTypes,
): Promise<ListEventTypesResponse> {
  const pageSize = readPageSize(request.pageSize, PAGE_SIZE);
  const query = request.query.toLowerCase();
  if (query.length > QUERY_MAX) throw tooLong(request.query.length);
  const [after = ''] = readPageToken(request.pageToken, { query, tenant }) ?? [];
  const all = withCustom(await findCustom(tenant));
  const found = all.filter((entry) => entry.type > after && holds(entry, query));
  const page = found.slice(0, pageSize);
  const last = page.at(-1);
  const more = found.length > page.length && last !== undefined;
  return {
    eventTypes: page,
    nextPageToken: more ? writePageToken([last.type], { query, tenant }) : '',
  };
}

/** One that the product has come to know since is listed as the product's. */
function withCustom(types: readonly string[]): readonly GrpcEventType[] {
  if (types.length === 0) return catalogue;
  const known = new Set(catalogue.map(({ type }) => type));
  const custom = [...new Set(types)].filter((type) => !known.has(type)).map(toCustomMessage);
  return [...catalogue, ...custom].sort((a, b) => (a.type < b.type ? -1 : 1));
}

function toCustomMessage(type: string): GrpcEventType {
  return {
    type,
    title: titleOf(type),
    description: 'A type of the tenant itself.',
    group: 'custom',
    canonical: false,
    sourceNames: [],
    exampleData: '',
  };
}

function tooLong(length: number): DomainError {
  const detail = `it has ${length} characters; at most ${QUERY_MAX} are taken`;
  return new DomainError('invalid_argument', `query: ${detail}`, {
    fields: [{ field: 'query', detail }],
  });
}

function toMessage(entry: EventType): GrpcEventType {
  const { type, description, virtfusion = [], xenOrchestra = [], cdhosting } = entry;
  const methods = new Set(xenOrchestra.map(({ method }) => method));
  return {
    type,
    title: titleOf(type),
    description,
    group: type.split('.')[0] ?? '',
    canonical: true,
    sourceNames: [
      ...virtfusion.map(({ id, name }) => ({ format: 'virtfusion', name, id: String(id) })),
      ...Array.from(methods, (name) => ({ format: 'xen-orchestra', name, id: '' })),
      ...(cdhosting === undefined ? [] : [{ format: 'cdhosting', name: cdhosting, id: '' }]),
    ],
    exampleData: JSON.stringify(exampleEventData(type)) ?? '',
  };
}

/** `server.backup.completed` is "Server backup completed". */
function titleOf(type: string): string {
  const words = type.replaceAll(/[._]/g, ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function holds({ type, title, sourceNames }: GrpcEventType, query: string): boolean {
  const texts = [type, title, ...sourceNames.map(({ name }) => name)];
  return texts.some((text) => text.toLowerCase().includes(query));
}
