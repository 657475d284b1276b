import type { Nats } from './connect.ts';
import { jetStreamCodeOf, jetStreamCodes } from './jetstream-error.ts';

export interface StreamIdentityOptions {
  readonly nats: Nats;
  readonly stream: string;
  /** How often it is asked, in milliseconds. */
  readonly everyMs: number;
  /** When the stream that is there now was made; undefined: there is none. */
  readonly onSeen: (createdAt: Date | undefined) => void;
}

/**
 * Asks every so often which stream there is under a name. One that was deleted and made again has
 * none of its durables, and a request sent to a durable in that moment is answered by nobody.
 */
export function watchStreamIdentity(options: StreamIdentityOptions): Disposable {
  const { nats, stream, everyMs, onSeen } = options;
  let asking = false;

  const look = async (): Promise<void> => {
    if (asking || !nats.isConnected()) return;
    asking = true;
    try {
      onSeen(new Date((await nats.manager.streams.info(stream)).created));
    } catch (error) {
      // Any other failure says nothing about the stream; it is asked again.
      if (jetStreamCodeOf(error) === jetStreamCodes.streamNotFound) onSeen(undefined);
    } finally {
      asking = false;
    }
  };

  const timer = setInterval(look, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
