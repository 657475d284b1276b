import {
  type CloudEvent,
  ContractError,
  checkEventType,
  type EventStatus,
  elementTexts,
  type Phase,
  readCloudEvent,
  typeFromName,
} from '@hookline/contracts';
import { decodeHeaderValue } from './ce-header.ts';
import {
  type Adapted,
  type AdapterDraft,
  type AdapterRequest,
  adapted,
  bodyObject,
} from './draft.ts';

/** Most events of one batch, as over gRPC. */
export const BATCH_EVENTS_MAX = 500;

/**
 * CloudEvents 1.0 as the HTTP binding 1.0.2 sends them: binary (attributes in `ce-` headers),
 * structured (`application/cloudevents+json`) or batched (`application/cloudevents-batch+json`). A
 * batch is taken whole or not at all; faults of one of its events name its place.
 *
 * A type that is none of Hookline's grammar (`com.vmware.vsphere.VmPoweredOffEvent.v0`) is written in
 * it, the original kept as `sourcetype`. `sequence` is given by Hookline, so that the producer's own
 * is kept as `sourcesequence`.
 */
export function adaptCloudEvents(request: AdapterRequest): Adapted {
  return adapted(() => {
    const mediaType = mediaTypeOf(request);
    if (mediaType === 'application/cloudevents-batch+json') return batchOf(request);
    if (mediaType === 'application/cloudevents+json') return [structuredOf(request)];
    if (mediaType.startsWith('application/cloudevents')) {
      throw fault('content-type', `is "${mediaType}"; send the JSON format of CloudEvents`);
    }
    return [binaryOf(request, mediaType)];
  });
}

function mediaTypeOf({ headers }: AdapterRequest): string {
  return (headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
}

function batchOf({ text, value }: AdapterRequest): AdapterDraft[] {
  if (!Array.isArray(value)) throw fault('body', 'is no JSON array; send a batch as an array');
  if (value.length > BATCH_EVENTS_MAX) {
    throw fault('body', `has ${value.length} events; at most ${BATCH_EVENTS_MAX} are taken`);
  }
  const texts = elementTexts(text);
  return value.map((element: unknown, index) => {
    try {
      return structuredOf({ headers: {}, text: texts[index] ?? '', value: element });
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      const field = `[${index}]${error.field === undefined ? '' : `.${error.field}`}`;
      throw new ContractError(error.code, `event ${index}: ${error.message}`, field);
    }
  });
}

function structuredOf(request: AdapterRequest): AdapterDraft {
  return draftOf(readCloudEvent(request.text, bodyObject(request)));
}

function binaryOf(request: AdapterRequest, mediaType: string): AdapterDraft {
  if (request.headers['ce-specversion'] === undefined) {
    throw fault(
      'ce-specversion',
      'is missing; send the attributes as ce- headers, or the whole event as application/cloudevents+json',
    );
  }
  if (!/^[\w.+-]+\/([\w.-]+\+)?json$/.test(mediaType)) {
    throw fault('content-type', `is "${mediaType.slice(0, 80)}"; send "application/json"`);
  }
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith('ce-') || value === undefined) continue;
    attributes[name.slice('ce-'.length)] = decodeHeaderValue(name, value);
  }
  for (const name of ['data', 'data_base64', 'datacontenttype']) {
    if (name in attributes) throw fault(`ce-${name}`, 'is no header of its own; leave it out');
  }
  const event = readCloudEvent('{}', attributes);
  return draftOf({ ...event, data: request.text.trim() || 'null' });
}

function draftOf(event: CloudEvent): AdapterDraft {
  const { phase: givenPhase, status: givenStatus, sequence, ...extensions } = event.extensions;
  const phase = phaseOf(givenPhase);
  const status = statusOf(givenStatus, phase);
  const type = typeOf(event.type);
  return {
    type,
    source: event.source,
    sourceId: event.id,
    ...(event.time !== undefined && { time: event.time }),
    ...(event.subject !== undefined && { subject: event.subject }),
    phase,
    ...(status !== undefined && { status }),
    extensions: {
      ...(type !== event.type && { sourcetype: event.type }),
      ...(sequence !== undefined && { sourcesequence: sequence }),
      ...extensions,
    },
    data: event.data,
  };
}

function typeOf(name: string): string {
  const type = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/.test(name) ? name : typeFromName(name);
  checkEventType(type);
  return type;
}

function phaseOf(given: string | undefined): Phase {
  if (given === undefined) return 'post';
  if (given === 'pre' || given === 'post') return given;
  throw new ContractError('invalid_phase', 'phase is neither "pre" nor "post"', 'phase');
}

function statusOf(given: string | undefined, phase: Phase): EventStatus | undefined {
  if (phase === 'pre') {
    if (given === undefined) return undefined;
    const reason = 'an event of phase "pre" has no status yet; leave it out';
    throw new ContractError('invalid_status', reason, 'status');
  }
  if (given === undefined) return 'success';
  if (given === 'success' || given === 'fail') return given;
  throw new ContractError('invalid_status', 'status is neither "success" nor "fail"', 'status');
}

function fault(field: string, what: string): ContractError {
  return new ContractError('invalid_cloud_event', `${field} ${what}`, field);
}
