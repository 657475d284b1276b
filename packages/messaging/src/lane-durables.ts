import type { StreamDefinition } from '@hookline/contracts';
import type { Nats } from './connect.ts';
import { addDurable, removeDurable } from './consumer.ts';
import { jetStreamCodeOf, jetStreamCodes } from './jetstream-error.ts';
import { limitConcurrency, shareRuns } from './limit-concurrency.ts';
import { DELETION_GRACE_MS, ensureStream } from './streams.ts';

/** Requests to the server's API at once: with hundreds of lanes, one after the other takes seconds. */
const API_CALLS_MAX = 64;
/** Delivered and not acknowledged: more than a lane can have on hand and a batch of it. */
const ACK_PENDING_MAX = 8_192;

export interface LaneDurablesOptions {
  readonly nats: Nats;
  readonly stream: StreamDefinition;
  readonly ackWaitMs: number;
  readonly isFormer: (durable: string, first: boolean) => boolean;
}

export interface LaneDurables {
  /**
   * Makes a lane's durable anew, and the stream if it is gone. @returns when the stream was made.
   * Throws when another durable reads the same subjects, which is none of a former reader.
   */
  make(lane: { readonly durable: string; readonly filterSubject: string }): Promise<Date>;
  remove(durable: string): Promise<void>;
}

/** Makes the durables of lanes, after those of former readers are deleted: filters must not overlap. */
export function createLaneDurables(options: LaneDurablesOptions): LaneDurables {
  const { nats, stream, ackWaitMs, isFormer } = options;
  const limited = limitConcurrency(API_CALLS_MAX);
  const remove = (durable: string) => limited(() => removeDurable({ nats, stream, durable }));
  /** Durables that are not there, as far as is known: those need not be deleted before. */
  let mayExist: ReadonlySet<string> | undefined;

  const removeFormers = async (first: boolean): Promise<Set<string>> => {
    const names: string[] = [];
    for await (const { name } of nats.manager.consumers.list(stream.name)) names.push(name);
    const formers = names.filter((name) => isFormer(name, first));
    await Promise.all(formers.map(remove));
    return new Set(names);
  };

  const begin = shareRuns(async () => {
    await ensureStream(nats.manager, stream, nats.logger, { graceMs: DELETION_GRACE_MS });
    mayExist ??= await removeFormers(true);
  });
  const removeLaterFormers = shareRuns(() => removeFormers(false));
  const streamCreatedAt = shareRuns(async () => {
    return new Date((await nats.manager.streams.info(stream.name)).created);
  });
  const madeOnce = new Set<string>();

  return {
    async make({ durable, filterSubject }) {
      await begin();
      if (madeOnce.has(durable) || mayExist?.has(durable) === true) await remove(durable);
      madeOnce.add(durable);
      const before = await streamCreatedAt();
      const settings = { nats, stream, durable, filterSubject, ackWaitMs };
      try {
        await limited(() => addDurable({ ...settings, maxAckPending: ACK_PENDING_MAX }));
      } catch (error) {
        // Of a reader that was superseded and has not heard of it, say.
        if (isOverlap(error)) await removeLaterFormers();
        throw error;
      }
      const after = await streamCreatedAt();
      if (after.getTime() !== before.getTime())
        throw new Error('the stream was made again meanwhile');
      return after;
    },
    remove,
  };
}

function isOverlap(error: unknown): boolean {
  const code = jetStreamCodeOf(error);
  return code === jetStreamCodes.filterNotUnique || code === jetStreamCodes.unfilteredNotUnique;
}
