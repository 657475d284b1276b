import type { ChatRefusal } from './shape.ts';

export interface ChatRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

export interface ChatAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A message as the people of the chat get it. */
export interface SeenMessage {
  /** Every text, as it is displayed: entities decoded, formatting applied and gone. */
  readonly shown: readonly string[];
  /** Whom it calls, besides those who watch the place it is written to. */
  readonly pings: readonly string[];
}

/**
 * A chat service as far as senders can tell it from the real one. The limits are those that the
 * service documents. A member that it does not document is refused, also where the service would
 * ignore it: a misspelt one would silently do nothing.
 */
export interface ChatStandIn {
  /** A path that takes messages. */
  readonly path: string;
  /** What people see of it; throws ChatRefusal when the service would not take it. */
  read(request: ChatRequest): SeenMessage;
  taken(request: ChatRequest): ChatAnswer;
  refused(refusal: ChatRefusal): ChatAnswer;
}

export function jsonAnswer(status: number, value: unknown): ChatAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}
