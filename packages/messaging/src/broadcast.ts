import { createInbox } from '@nats-io/transport-node';
import type { Nats } from './connect.ts';

/** Sends bytes to whoever listens now, over core NATS: nothing is kept, and while NATS is away nothing is sent. */
export function broadcast(nats: Nats, subject: string, data: Uint8Array): void {
  if (!nats.isConnected()) return;
  try {
    nats.connection.publish(subject, data);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    nats.logger.warn({ subject }, `a broadcast was not sent: ${reason}`);
  }
}

export interface Listening {
  stop(): void;
}

/** Hears broadcasts of a subject, wildcards allowed. `onGap` says that some may have been missed. */
export function listen(
  nats: Nats,
  subject: string,
  on: { readonly data: (data: Uint8Array) => void; readonly gap: () => void },
): Listening {
  const subscription = nats.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null) nats.logger.error({ subject }, `cannot listen: ${error.message}`);
      else on.data(message.data);
    },
  });
  const forget = nats.onReconnect(on.gap);
  return {
    stop() {
      forget();
      if (!nats.connection.isClosed()) subscription.unsubscribe();
    },
  };
}

/**
 * Asks everybody who answers on a subject, and resolves with the number of answers once there are as
 * many as `wanted`, or after the timeout. Never rejects.
 */
export async function askAll(
  nats: Nats,
  subject: string,
  question: { readonly text: string; readonly wanted: number; readonly timeoutMs: number },
): Promise<number> {
  if (!nats.isConnected() || question.wanted === 0) return 0;
  const enough = Promise.withResolvers<void>();
  let answers = 0;
  const inbox = createInbox();
  const subscription = nats.connection.subscribe(inbox, {
    callback: (error, message) => {
      // A status of the server: nobody is there.
      if (error !== null || message.headers?.code === 503) enough.resolve();
      else if (++answers >= question.wanted) enough.resolve();
    },
  });
  const timer = setTimeout(enough.resolve, question.timeoutMs);
  try {
    nats.connection.publish(subject, question.text, { reply: inbox });
    await enough.promise;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    nats.logger.warn({ subject }, `nobody was asked: ${reason}`);
  } finally {
    clearTimeout(timer);
    if (!nats.connection.isClosed()) subscription.unsubscribe();
  }
  return answers;
}
