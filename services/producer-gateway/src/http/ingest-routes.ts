import type { Caller } from '@hookline/credentials';
import type { EventToAppend } from '@hookline/event-log';
import type { Authenticate } from '@hookline/service-runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EventChecks } from '../event-checks.ts';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import type { Publishing } from '../publishing.ts';
import type { Quotas } from '../quotas.ts';
import type { KeepRejected } from '../rejections.ts';
import { identify } from './identify.ts';
import { type IngestSource, ingestSources } from './ingest-sources.ts';
import { type Fault, type Received, receivedOf, rejectedOf } from './received.ts';
import { sendFault } from './send-fault.ts';

export interface IngestRoutesOptions {
  readonly publishing: Publishing;
  readonly checks: EventChecks;
  readonly keepRejected: KeepRejected;
  readonly quotas: Pick<Quotas, 'admit'>;
  readonly authenticate: Authenticate;
  /** Takes the secrets out of what other systems send, see createRedactionWith(). */
  readonly redact: (json: string) => string;
  readonly metrics: GatewayMetrics;
}

/**
 * Largest body that is read, in bytes. Of one beyond what is taken the beginning is kept with the
 * rejected; one beyond this as well is refused unread.
 */
const BODY_BYTES_READ_MAX = 2 * 1024 * 1024;

/**
 * `POST /ingest/…`: events in Hookline's own form, CloudEvents, and what other systems send. Each also
 * with the key as last path segment, for senders that cannot set headers.
 *
 * Answered after the commit, with the ids in the order of the events. A request is taken whole or not
 * at all; one that fails a check is kept with the rejected, and answered by what is wrong with it.
 */
export function ingestRoutes(options: IngestRoutesOptions): (app: FastifyInstance) => void {
  const { authenticate, redact, quotas, keepRejected } = options;
  const callers = new WeakMap<FastifyRequest, Caller>();

  /** Before the body is read, so that nobody without a key makes the gateway hold one. */
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    callers.set(request, await identify(request, authenticate));
  };

  const handle = (source: IngestSource) => async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = callers.get(request) as Caller;
    const received = receivedOf(request, { caller, path: source.path });
    const taken = await take(source, received, options);
    if (taken.kind === 'fault') {
      // Rejects count against the quota as well: a sender gone wrong must not fill the table.
      quotas.admit(caller.tenant, 1);
      await keepRejected([rejectedOf(received, taken, source.verbatim ? asItIs : redact)]);
      sendFault(request, reply, taken);
      return;
    }
    const body = `{"ids":${JSON.stringify(taken.ids)}}\n`;
    void reply.code(202).header('content-type', 'application/json').send(body);
  };

  return (app) => {
    const settings = { bodyLimit: BODY_BYTES_READ_MAX, onRequest };
    for (const source of ingestSources(redact)) {
      app.post(source.path, settings, handle(source));
      app.post(`${source.path}/:key`, settings, handle(source));
    }
  };
}

const asItIs = (json: string): string => json;

type Taken =
  | { readonly kind: 'taken'; readonly ids: readonly string[] }
  | ({ readonly kind: 'fault' } & Fault);

async function take(
  source: IngestSource,
  received: Received,
  options: IngestRoutesOptions,
): Promise<Taken> {
  const { checks, publishing, metrics } = options;
  const read = source.read(received);
  await checks.know(received.caller.tenant);
  const fault = read.kind === 'fault' ? read : unfitnessOf(read.events, checks);
  if (read.kind === 'events' && fault === undefined) return await append(read.events, publishing);
  metrics.rejected('http', 1);
  return { kind: 'fault', ...(fault as Fault) };
}

/** The first fault, with its place where there are several events. */
function unfitnessOf(events: readonly EventToAppend[], checks: EventChecks): Fault | undefined {
  for (const [index, event] of events.entries()) {
    const unfit = checks.unfitness(event, 'http');
    if (unfit === undefined) continue;
    if (events.length === 1) return unfit;
    const { code, field, reason } = unfit;
    return { code, field: `[${index}].${field}`, reason: `event ${index}: ${reason}` };
  }
  return undefined;
}

async function append(events: readonly EventToAppend[], publishing: Publishing): Promise<Taken> {
  const outcomes =
    events.length === 1
      ? await publishing.accept(events, 'http')
      : await publishing.acceptWhole(events, 'http');
  const ids: string[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === 'refused') return { ...outcome, kind: 'fault', field: undefined };
    ids.push(outcome.kind === 'appended' ? outcome.event.id : outcome.eventId);
  }
  return { kind: 'taken', ids };
}
