import { errors } from '@nats-io/transport-node';
import type { Nats } from './connect.ts';

/** How a question was answered: by nobody, since nobody is there, or not in time. */
export type Reply =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'late' };

/**
 * Asks one of those who answer on a subject, over core NATS. Nothing is kept: a question that was
 * not answered may have been acted upon all the same. Never rejects.
 */
export async function ask(
  nats: Nats,
  subject: string,
  question: { readonly text: string; readonly timeoutMs: number },
): Promise<Reply> {
  if (!nats.isConnected()) return { kind: 'nobody' };
  try {
    const message = await nats.connection.request(subject, question.text, {
      timeout: Math.max(1, question.timeoutMs),
    });
    return { kind: 'answered', text: message.string() };
  } catch (error) {
    if (isNobody(error)) return { kind: 'nobody' };
    if (!(error instanceof errors.TimeoutError)) {
      const reason = error instanceof Error ? error.message : String(error);
      nats.logger.warn({ subject }, `a question was not answered: ${reason}`);
    }
    return { kind: 'late' };
  }
}

function isNobody(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  return error instanceof errors.RequestError && error.isNoResponders();
}

/** Someone who answers. */
export interface Answering {
  /** Takes no further question; those under way are still answered, while NATS is connected. */
  stop(): void;
}

/**
 * Answers questions on a subject, sharing them with all others of the queue; without one, everybody
 * answers every question. `answer` must not reject.
 */
export function answerRequests(
  nats: Nats,
  { subject, queue }: { readonly subject: string; readonly queue?: string },
  answer: (text: string) => Promise<string>,
): Answering {
  const subscription = nats.connection.subscribe(subject, {
    ...(queue !== undefined && { queue }),
    callback: (error, message) => {
      if (error !== null) {
        nats.logger.error({ subject }, `cannot hear questions: ${error.message}`);
        return;
      }
      void answer(message.string())
        .then((text) => void message.respond(text))
        .catch((reason) => nats.logger.error({ subject, err: reason }, 'an answer was not sent'));
    },
  });
  return {
    stop() {
      if (!nats.connection.isClosed()) subscription.unsubscribe();
    },
  };
}
