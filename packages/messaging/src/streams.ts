import { setTimeout as delay } from 'node:timers/promises';
import type { StreamDefinition } from '@hookline/contracts';
import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { jetStreamCodeOf, jetStreamCodes } from './jetstream-error.ts';
import type { LoggerPort } from './logger-port.ts';

/** A stream that is not as it must be; the message says what to do about it. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
}

type WantedConfig = Pick<
  StreamConfig,
  | 'name'
  | 'subjects'
  | 'retention'
  | 'discard'
  | 'storage'
  | 'max_bytes'
  | 'max_age'
  | 'max_msg_size'
  | 'duplicate_window'
>;

/** What the flow relies on; a server that keeps any of these otherwise must not be used. */
const essential: ReadonlySet<string> = new Set([
  'subjects',
  'retention',
  'discard',
  'storage',
  'max_age',
]);
const fixedOnceMade: ReadonlySet<string> = new Set(['retention', 'storage']);

function toConfig(definition: StreamDefinition): WantedConfig {
  return {
    name: definition.name,
    subjects: [...definition.subjects],
    retention:
      definition.retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    discard: definition.discard === 'new' ? DiscardPolicy.New : DiscardPolicy.Old,
    storage: StorageType.File,
    max_bytes: definition.maxBytes,
    max_age: nanos(definition.maxAgeMs),
    max_msg_size: definition.maxMessageBytes,
    duplicate_window: nanos(definition.duplicateWindowMs),
  };
}

function differences(actual: StreamConfig, wanted: WantedConfig): string[] {
  return Object.entries(wanted)
    .filter(
      ([key, value]) => JSON.stringify(actual[key as keyof StreamConfig]) !== JSON.stringify(value),
    )
    .map(([key]) => key);
}

async function currentConfig(
  manager: JetStreamManager,
  name: string,
): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (jetStreamCodeOf(error) === jetStreamCodes.streamNotFound) return undefined;
    throw error;
  }
}

function explain(error: unknown, wanted: WantedConfig): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  switch (jetStreamCodeOf(error)) {
    case jetStreamCodes.insufficientResources:
    case jetStreamCodes.storageExceeded:
      return new StreamError(
        `NATS has no room for the stream ${wanted.name}, which needs ${wanted.max_bytes} bytes (${reason}): raise max_file_store of its jetstream block, or the account's limit`,
      );
    case jetStreamCodes.subjectsOverlap:
      return new StreamError(
        `the stream ${wanted.name} cannot be made: another stream already takes ${wanted.subjects.join(', ')}; delete that one, or give Hookline an account of its own`,
      );
    default:
      return error;
  }
}

/** Creates the stream; one that somebody else made meanwhile is as good. */
async function add(manager: JetStreamManager, wanted: WantedConfig): Promise<void> {
  try {
    await manager.streams.add(wanted);
  } catch (error) {
    if (jetStreamCodeOf(error) !== jetStreamCodes.streamNameInUse) throw explain(error, wanted);
  }
}

async function update(
  manager: JetStreamManager,
  wanted: WantedConfig,
  keys: string[],
): Promise<void> {
  const fixed = keys.filter((key) => fixedOnceMade.has(key));
  if (fixed.length > 0) {
    throw new StreamError(
      `the stream ${wanted.name} was made with another ${fixed.join(' and ')}, which cannot be changed: delete it (nats stream rm ${wanted.name}); accepted events are in Postgres and are published again`,
    );
  }
  const { name, retention: _retention, storage: _storage, ...changeable } = wanted;
  await manager.streams.update(name, changeable).catch((error) => {
    throw explain(error, wanted);
  });
}

/** A server older than an option drops it without a word, so what it keeps is read back. */
function checkKept(actual: StreamConfig, wanted: WantedConfig, logger: LoggerPort): void {
  const dropped = differences(actual, wanted);
  const wrong = dropped.filter((key) => essential.has(key));
  if (wrong.length > 0) {
    throw new StreamError(
      `NATS does not keep ${wrong.join(', ')} of the stream ${wanted.name} as asked: use nats-server 2.9.4 or newer`,
    );
  }
  if (dropped.length > 0) {
    logger.warn(
      { stream: wanted.name, dropped },
      `NATS keeps other values for the stream ${wanted.name}`,
    );
  }
}

/**
 * How long a stream that was deleted under running services is given before it is made again. The
 * server forgets its name and tells its readers first, and removes its files last, by their path: a
 * stream made in between loses its files to that, and then takes messages that nobody can read. The
 * removal takes milliseconds; a second covers a stream of many files on a slow disk.
 */
export const DELETION_GRACE_MS = 1_000;

/**
 * Makes one stream be as defined: created when it is missing, updated when it differs, read back in
 * any case. Services may do so at the same time. `graceMs` is for streams that were there before, see
 * DELETION_GRACE_MS; default 0.
 *
 * @returns whether it was missing.
 * @throws StreamError when it cannot be made so.
 */
export async function ensureStream(
  manager: JetStreamManager,
  definition: StreamDefinition,
  logger: LoggerPort,
  { graceMs = 0 }: { readonly graceMs?: number } = {},
): Promise<boolean> {
  const wanted = toConfig(definition);
  const found = await currentConfig(manager, wanted.name);
  if (found === undefined) await delay(graceMs);
  const before = found ?? (await currentConfig(manager, wanted.name));
  if (before === undefined) await add(manager, wanted);
  const made = before ?? (await currentConfig(manager, wanted.name));
  const keys = made === undefined ? [] : differences(made, wanted);
  if (keys.length > 0) await update(manager, wanted, keys);
  const after = keys.length > 0 ? await currentConfig(manager, wanted.name) : made;
  if (after === undefined)
    throw new StreamError(`the stream ${wanted.name} was deleted while it was made`);
  checkKept(after, wanted, logger);
  return found === undefined;
}

/** `ensureStream` for each of a list. @throws StreamError */
export async function ensureStreams(
  manager: JetStreamManager,
  definitions: readonly StreamDefinition[],
  logger: LoggerPort,
): Promise<void> {
  for (const definition of definitions) {
    const created = await ensureStream(manager, definition, logger);
    if (created) logger.info({ stream: definition.name }, `created the stream ${definition.name}`);
  }
}

/** How a stream stands, for whoever looks for faults. */
export type StreamState =
  | { readonly kind: 'missing' }
  /** The flow relies on fields that are kept otherwise. */
  | { readonly kind: 'different'; readonly fields: readonly string[] }
  | { readonly kind: 'sound'; readonly bytes: number; readonly bytesMax: number };

/** Looks at a stream and changes nothing, unlike `ensureStream`. */
export async function inspectStream(
  manager: JetStreamManager,
  definition: StreamDefinition,
): Promise<StreamState> {
  const wanted = toConfig(definition);
  if ((await currentConfig(manager, wanted.name)) === undefined) return { kind: 'missing' };
  const { config, state } = await manager.streams.info(wanted.name);
  const fields = differences(config, wanted).filter((key) => essential.has(key));
  if (fields.length > 0) return { kind: 'different', fields };
  return { kind: 'sound', bytes: state.bytes, bytesMax: config.max_bytes };
}
