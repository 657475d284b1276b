import {
  DomainError,
  type EventType,
  eventTypes,
  type GrpcEventType,
  type ListEventTypesRequest,
  type ListEventTypesResponse,
} from '@hookline/contracts';
import { readPageSize } from '@hookline/service-runtime';

const PAGE_SIZE = 1_000;

const catalogue: readonly GrpcEventType[] = eventTypes
  .map(toMessage)
  .sort((a, b) => (a.type < b.type ? -1 : 1));

/** One page of the catalogue by name; the token is the name of the last type of the page before. */
export function listEventTypes(request: ListEventTypesRequest): ListEventTypesResponse {
  const pageSize = readPageSize(request.pageSize, PAGE_SIZE);
  const after = readPageToken(request.pageToken);
  const query = request.query.toLowerCase();
  const found = catalogue.filter((entry) => entry.type > after && holds(entry, query));
  const page = found.slice(0, pageSize);
  const last = page.at(-1);
  const more = found.length > page.length && last !== undefined;
  return { eventTypes: page, nextPageToken: more ? last.type : '' };
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
    exampleData: '',
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

function readPageToken(token: string): string {
  if (token === '' || catalogue.some(({ type }) => type === token)) return token;
  const detail = 'it is not a next_page_token of this list; send one as it came, or none';
  throw new DomainError('invalid_argument', `page_token: ${detail}`, {
    fields: [{ field: 'page_token', detail }],
  });
}
