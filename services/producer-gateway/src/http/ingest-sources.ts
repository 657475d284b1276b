import { ContractError } from '@hookline/contracts';
import type { EventToAppend } from '@hookline/event-log';
import { toPanelEvent, toProducedEvent } from '../domain/adapted-events.ts';
import { adaptCloudEvents } from '../domain/adapters/cloudevents.ts';
import type { Adapted, AdapterDraft, AdapterRequest } from '../domain/adapters/draft.ts';
import { adaptProxmox } from '../domain/adapters/proxmox.ts';
import { adaptVirtfusion } from '../domain/adapters/virtfusion.ts';
import { adaptXenOrchestra } from '../domain/adapters/xen-orchestra.ts';
import { readJson } from '../domain/json-object.ts';
import { type PublicationContext, readHttpPublication } from '../domain/publication.ts';
import { contextOf, type Fault, type Received } from './received.ts';

/** The events that a request is about, in their order, or why none of it is taken. */
export type Read =
  | { readonly kind: 'events'; readonly events: readonly EventToAppend[] }
  | ({ readonly kind: 'fault' } & Fault);

/** One way in over HTTP. */
export interface IngestSource {
  readonly path: string;
  /** Whether its senders know Hookline's contract: their data are kept to the byte, secrets too. */
  readonly verbatim: boolean;
  read(received: Received): Read;
}

interface PanelSource {
  readonly path: string;
  readonly adapt: (request: AdapterRequest) => Adapted;
}

/** Every way in over HTTP. `redact` takes secrets out of what panels send. */
export function ingestSources(redact: (json: string) => string): readonly IngestSource[] {
  const panel = ({ path, adapt }: PanelSource): IngestSource => ({
    path,
    verbatim: false,
    read: reading(adaptedBy((request) => adapt({ ...request, redact }), toPanelEvent)),
  });
  return [
    {
      path: '/ingest/events',
      verbatim: true,
      read: reading((received) =>
        events([readHttpPublication(received.body, contextOf(received))]),
      ),
    },
    {
      path: '/ingest/cloudevents',
      verbatim: true,
      read: reading(adaptedBy(adaptCloudEvents, toProducedEvent)),
    },
    panel({ path: '/ingest/virtfusion', adapt: adaptVirtfusion }),
    panel({ path: '/ingest/xen-orchestra', adapt: adaptXenOrchestra }),
    panel({ path: '/ingest/proxmox', adapt: adaptProxmox }),
  ];
}

/** Runs a reader; what it refuses becomes a value. */
function reading(read: (received: Received) => Read): (received: Received) => Read {
  return (received) => {
    try {
      checkContentType(received);
      checkEncoding(received);
      return read(received);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      return { kind: 'fault', code: error.code, field: error.field, reason: error.message };
    }
  };
}

function adaptedBy(
  adapt: (request: AdapterRequest) => Adapted,
  toEvent: (draft: AdapterDraft, context: PublicationContext) => EventToAppend,
): (received: Received) => Read {
  return (received) => {
    const { headers, body } = received;
    const adapted = adapt({ headers, ...readJson(body) });
    if (adapted.kind === 'fault') return adapted;
    const context = contextOf(received);
    return events(adapted.drafts.map((draft) => toEvent(draft, context)));
  };
}

function events(read: readonly EventToAppend[]): Read {
  return { kind: 'events', events: read };
}

const JSON_TYPE = /^[a-z]+\/([a-z0-9.-]+\+)?json\s*(;|$)/i;

/** A sender that names no type is taken at its body; one that names another sends something else. */
function checkContentType({ headers }: Received): void {
  const contentType = headers['content-type'];
  if (contentType === undefined || JSON_TYPE.test(contentType)) return;
  const reason = `the content type is ${shown(contentType)}; send "Content-Type: application/json"`;
  throw new ContractError('unsupported_media_type', reason, 'content-type');
}

function checkEncoding({ headers }: Received): void {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return;
  const reason = `the content encoding is ${shown(encoding)}; send the body uncompressed`;
  throw new ContractError('unsupported_media_type', reason, 'content-encoding');
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
