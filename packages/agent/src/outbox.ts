import { AgentError } from './agent-error.ts';
import { type PublishOutcome, parseConfirmation } from './confirmation.ts';
import type { EventMessage } from './event-message.ts';
import { createSpool, type SpoolLimits, sizeOf } from './spool.ts';

export interface OutboxPorts {
  /** Whether what is sent now goes to a server. */
  readonly isOpen: () => boolean;
  readonly send: (message: EventMessage) => void;
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number;
}

/** Messages on their way, and who waits for what became of each. */
export interface Outbox {
  /** @throws AgentError `spool_full` */
  add(message: EventMessage): Promise<PublishOutcome>;
  /** Takes the text of a confirmation; one that nobody waits for changes nothing. */
  confirm(text: string): void;
  /** The connection is gone, and what was under way with it. */
  rewind(): void;
  /** Sends what may be sent. */
  pump(): void;
  /** Sends again what should have been confirmed by now. */
  resendOverdue(): void;
  /** Resolves as soon as nothing is unconfirmed. */
  idle(): Promise<void>;
  /** Nobody need wait any longer. Answers the ids of what was not confirmed. */
  abandon(): readonly string[];
  readonly size: number;
}

interface Pending {
  readonly promise: Promise<PublishOutcome>;
  readonly resolve: (outcome: PublishOutcome) => void;
  readonly reject: (error: AgentError) => void;
}

export function createOutbox(limits: SpoolLimits, { isOpen, send, now }: OutboxPorts): Outbox {
  const spool = createSpool(limits);
  const pending = new Map<string, Pending>();
  const idlers = new Set<() => void>();

  function pump(): void {
    // The client would drop what is published while it dials, or send it before what came earlier.
    if (isOpen()) for (const message of spool.take(now())) send(message);
  }

  return {
    add(message) {
      const known = pending.get(message.sourceId);
      if (known !== undefined) return known.promise;
      if (!spool.hasRoom(sizeOf(message))) throw fullError(spool.size);
      spool.add(message);
      const added = createPending();
      pending.set(message.sourceId, added);
      pump();
      return added.promise;
    },
    confirm(text) {
      const outcome = parseConfirmation(text);
      if (outcome === undefined || !spool.settle(outcome.sourceId)) return;
      pending.get(outcome.sourceId)?.resolve(outcome);
      pending.delete(outcome.sourceId);
      if (spool.size === 0) for (const wake of idlers) wake();
      pump();
    },
    rewind: () => spool.rewind(),
    pump,
    resendOverdue() {
      if (isOpen()) for (const message of spool.takeOverdue(now())) send(message);
    },
    async idle() {
      if (spool.size === 0) return;
      const { promise, resolve } = createWaiter();
      idlers.add(resolve);
      await promise;
      idlers.delete(resolve);
    },
    abandon() {
      for (const [id, { reject }] of pending) reject(closedError(id));
      pending.clear();
      return spool.messages().map(({ sourceId }) => sourceId);
    },
    get size() {
      return spool.size;
    },
  };
}

function createPending(): Pending {
  let resolve: Pending['resolve'] = () => {};
  let reject: Pending['reject'] = () => {};
  const promise = new Promise<PublishOutcome>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

function createWaiter(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((onResolve) => {
    resolve = onResolve;
  });
  return { promise, resolve };
}

function fullError(size: number): AgentError {
  return new AgentError(
    'spool_full',
    `${size} events wait for their confirmation, and there is no room for more: publish again when earlier ones are confirmed, or raise spoolEventsMax or spoolBytesMax`,
  );
}

function closedError(id: string): AgentError {
  return new AgentError(
    'closed',
    `the agent was closed before event "${id}" was confirmed: publish it again with the same id, which makes no second event`,
  );
}
