import type { Nats } from './connect.ts';

/** One wake-up; undefined stands for "you may have missed some", after a reconnect. */
export type WakeUp = { readonly subject: string; readonly text: string } | undefined;

/**
 * Says that something was committed: to the readers that are listening, with no answer. It never
 * throws and never waits; while NATS is away it does nothing, because readers look for themselves
 * when they are back.
 */
export function publishWakeUp(nats: Nats, subject: string, text = ''): void {
  if (!nats.isConnected()) return;
  try {
    nats.connection.publish(subject, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    nats.logger.warn({ subject }, `a wake-up was not sent: ${reason}`);
  }
}

export interface WakeUpSubscription {
  stop(): void;
}

/**
 * Hears wake-ups of a subject (wildcards allowed), and one without content after every reconnect.
 * Wake-ups may be missed or come twice: the reader reads the truth from Postgres whenever it is woken,
 * and now and then without being woken.
 */
export function subscribeWakeUps(
  nats: Nats,
  subject: string,
  onWakeUp: (wakeUp: WakeUp) => void,
): WakeUpSubscription {
  const tell = (wakeUp: WakeUp): void => {
    try {
      onWakeUp(wakeUp);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      nats.logger.error({ subject }, `a wake-up was not handled: ${reason}`);
    }
  };
  const subscription = nats.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null) nats.logger.error({ subject }, `cannot hear wake-ups: ${error.message}`);
      else tell({ subject: message.subject, text: message.string() });
    },
  });
  const forget = nats.onReconnect(() => tell(undefined));
  return {
    stop() {
      forget();
      if (!nats.connection.isClosed()) subscription.unsubscribe();
    },
  };
}
