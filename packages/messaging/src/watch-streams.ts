import type { StreamDefinition } from '@hookline/contracts';
import type { Subscription } from '@nats-io/transport-node';
import type { Nats } from './connect.ts';
import { DELETION_GRACE_MS, ensureStream } from './streams.ts';

export interface WatchStreamsOptions {
  readonly nats: Nats;
  readonly definitions: readonly StreamDefinition[];
  /** How often each stream is looked at. Default 2,000 ms; a deletion is usually noticed at once. */
  readonly intervalMs?: number;
  /** A stream was gone and has been made again; what it carried is lost, but not what was accepted. */
  readonly onRecreated?: (name: StreamDefinition['name']) => void;
}

export interface StreamWatch {
  stop(): Promise<void>;
}

/**
 * Makes streams again that somebody deletes while services run. Postgres holds every accepted event,
 * so an empty stream is as good as the one that was lost.
 *
 * The server's advisory is only a hint, since it may be missed; the look every interval is certain.
 */
export function watchStreams(options: WatchStreamsOptions): StreamWatch {
  const { nats, definitions, onRecreated, intervalMs = 2_000 } = options;
  let stopped = false;
  let look: Promise<void> | undefined;
  let again = false;
  let failing = '';

  const lookAt = async (definition: StreamDefinition): Promise<void> => {
    try {
      const recreated = await ensureStream(nats.manager, definition, nats.logger, {
        graceMs: DELETION_GRACE_MS,
      });
      if (failing === definition.name) failing = '';
      if (!recreated) return;
      nats.logger.warn(
        { stream: definition.name },
        `the stream ${definition.name} was deleted; made it again`,
      );
      onRecreated?.(definition.name);
    } catch (error) {
      if (stopped || !nats.isConnected() || failing !== '') return;
      failing = definition.name;
      const reason = error instanceof Error ? error.message : String(error);
      nats.logger.error(
        { stream: definition.name },
        `cannot ensure the stream ${definition.name}: ${reason}`,
      );
    }
  };

  const lookAtAll = async (): Promise<void> => {
    do {
      again = false;
      // Side by side: the grace that a deleted stream is given does not add up.
      if (nats.isConnected()) await Promise.all(definitions.map(lookAt));
    } while (again && !stopped);
  };

  const trigger = (): void => {
    again = true;
    look ??= lookAtAll().finally(() => {
      look = undefined;
    });
  };

  const timer = setInterval(trigger, intervalMs);
  const forget = nats.onReconnect(trigger);
  const names = new Set<string>(definitions.map(({ name }) => name));
  const advisories: Subscription = nats.connection.subscribe(
    '$JS.EVENT.ADVISORY.STREAM.DELETED.*',
    {
      callback: (error, message) => {
        if (error === null && names.has(message.subject.split('.').at(-1) ?? '')) trigger();
      },
    },
  );

  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      forget();
      if (!nats.connection.isClosed()) advisories.unsubscribe();
      await look;
    },
  };
}
