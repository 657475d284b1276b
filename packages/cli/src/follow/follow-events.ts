import { GetEventRequest, type GrpcEvent, ListEventsRequest } from '@hookline/contracts';
import { Interrupted } from '../context.ts';
import type { Connection } from '../server/connect.ts';
import { message } from '../server/request.ts';
import { createPatience } from './patiently.ts';
import { createSeenEvents, type SeenEvents } from './seen-events.ts';

export interface FollowOptions {
  /** Patterns of types; empty means all. */
  readonly types: readonly string[];
  readonly subject?: string | undefined;
  /** Begin with what was accepted from this time on; undefined: with what is accepted from now on. */
  readonly since?: Date | undefined;
  readonly withData: boolean;
  readonly onTrouble: (text: string) => void;
  /** From here on nothing is missed. */
  readonly onListening: () => void;
  readonly signal: AbortSignal;
}

type Clients = Pick<Connection, 'deliveries' | 'call'>;

const LOOK_EVERY_MS = 500;
const PAGE_SIZE = 1_000;
/** Pages without anything new that are read for events committed late. */
const PAGES_BACK = 2;
/** Events of one look at most; a flood beyond them is left out, and said so. */
const EVENTS_PER_LOOK_MAX = 10_000;

/**
 * Events as they are accepted, each once, until Ctrl-C. It asks for lists and remembers where it is,
 * so that nothing is kept on the server, and nothing is missed while the server restarts.
 */
export async function* followEvents(
  clients: Clients,
  options: FollowOptions,
): AsyncGenerator<GrpcEvent> {
  const seen = createSeenEvents(options.since);
  const patience = createPatience(options);
  let hasBegun = false;
  while (!options.signal.aborted) {
    try {
      if (!hasBegun) {
        if (options.since === undefined) await skipPresent(clients, options, seen);
        hasBegun = true;
        options.onListening();
      }
      const fresh = seen.take(await look(clients, options, seen));
      patience.worked();
      for (const event of fresh) yield await complete(clients, options, event);
      await patience.pause(LOOK_EVERY_MS);
    } catch (error) {
      if (error instanceof Interrupted) return;
      await patience.failed(error).catch((thrown) => {
        if (!(thrown instanceof Interrupted)) throw thrown;
      });
    }
  }
}

/** What is there already counts as seen. The server's own times are used: clocks may differ. */
async function skipPresent(clients: Clients, options: FollowOptions, seen: SeenEvents) {
  seen.take(await list(clients, options, { pageSize: 1 }).then(({ events }) => events));
  if (seen.from() !== undefined) seen.take(await look(clients, options, seen));
}

/** Everything new since the last look, however many pages that takes. */
async function look(
  clients: Clients,
  options: FollowOptions,
  seen: SeenEvents,
): Promise<readonly GrpcEvent[]> {
  const found: GrpcEvent[] = [];
  const startTime = seen.from();
  let pageToken = '';
  for (let idle = 0; idle < PAGES_BACK; ) {
    const page = await list(clients, options, { pageToken, startTime });
    const fresh = page.events.filter(({ id }) => !seen.isSeen(id));
    found.push(...fresh);
    pageToken = page.nextPageToken;
    if (pageToken === '') break;
    if (fresh.length === 0) idle += 1;
    if (found.length >= EVENTS_PER_LOOK_MAX) {
      options.onTrouble(
        'too many events at once: the oldest of them are left out; narrow it with --type or --subject',
      );
      break;
    }
  }
  return found;
}

function list(
  clients: Clients,
  { types, subject }: FollowOptions,
  where: Partial<ListEventsRequest>,
) {
  const request = message(ListEventsRequest, {
    pageSize: PAGE_SIZE,
    types: [...types],
    subject,
    omitData: true,
    ...where,
  });
  return clients.deliveries.listEvents(request, clients.call);
}

/** An event with its payload, tried until the server answers: it counts as seen already. */
async function complete(clients: Clients, options: FollowOptions, event: GrpcEvent) {
  if (!options.withData) return event;
  const patience = createPatience(options);
  for (;;) {
    try {
      const request = message(GetEventRequest, { id: event.id });
      const { event: whole = event } = await clients.deliveries.getEvent(request, clients.call);
      patience.worked();
      return whole;
    } catch (error) {
      await patience.failed(error);
    }
  }
}
