import type { StreamDefinition } from '@hookline/contracts';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  ReplayPolicy,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { Nats } from './connect.ts';
import { jetStreamCodeOf, jetStreamCodes } from './jetstream-error.ts';
import { DELETION_GRACE_MS, ensureStream } from './streams.ts';

export interface DurableOptions {
  readonly nats: Nats;
  readonly stream: StreamDefinition;
  readonly durable: string;
  readonly filterSubject?: string | undefined;
  readonly maxAckPending: number;
  readonly ackWaitMs: number;
}

/** A durable that is there, and when it and its stream were made: others of that name are others. */
export interface Durable {
  readonly createdAt: string;
  readonly streamCreatedAt: Date;
}

type DurableConfig = Partial<ConsumerConfig>;

function toConfig(options: DurableOptions): DurableConfig {
  return {
    durable_name: options.durable,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: nanos(options.ackWaitMs),
    max_ack_pending: options.maxAckPending,
    // Without a limit: an exhausted message would stay in a work queue and nobody would hear of it.
    max_deliver: -1,
    ...(options.filterSubject === undefined ? {} : { filter_subject: options.filterSubject }),
  };
}

async function existing({
  nats,
  stream,
  durable,
}: DurableOptions): Promise<ConsumerInfo | undefined> {
  try {
    return await nats.manager.consumers.info(stream.name, durable);
  } catch (error) {
    if (jetStreamCodeOf(error) === jetStreamCodes.consumerNotFound) return undefined;
    throw error;
  }
}

/** Deletes a durable, if it is there. */
export async function removeDurable({
  nats,
  stream,
  durable,
}: Pick<DurableOptions, 'nats' | 'stream' | 'durable'>): Promise<void> {
  try {
    await nats.manager.consumers.delete(stream.name, durable);
  } catch (error) {
    if (jetStreamCodeOf(error) !== jetStreamCodes.consumerNotFound) throw error;
  }
}

async function use(options: DurableOptions): Promise<ConsumerInfo> {
  const { consumers } = options.nats.manager;
  const config = toConfig(options);
  const info = await existing(options);
  if (info === undefined) return consumers.add(options.stream.name, config);
  if ((info.config.filter_subject ?? '') !== (config.filter_subject ?? '')) {
    await removeDurable(options);
    return consumers.add(options.stream.name, config);
  }
  const { ack_wait, max_ack_pending, max_deliver } = info.config;
  const same =
    ack_wait === config.ack_wait &&
    max_ack_pending === config.max_ack_pending &&
    max_deliver === config.max_deliver;
  return same ? info : consumers.update(options.stream.name, options.durable, config);
}

/** Makes a durable pull consumer be there as asked, and its stream too. */
export async function ensureDurable(options: DurableOptions): Promise<Durable> {
  const { nats, stream } = options;
  await ensureStream(nats.manager, stream, nats.logger, { graceMs: DELETION_GRACE_MS });
  const info = await use(options);
  const streamInfo = await nats.manager.streams.info(stream.name);
  return { createdAt: info.created, streamCreatedAt: new Date(streamInfo.created) };
}

/**
 * Makes a durable that is not there: everything unacknowledged is delivered by it, in order, which one
 * taken over as it is does not do. @returns when it was made, by the server's clock.
 */
export async function addDurable(options: DurableOptions): Promise<string> {
  const { manager } = options.nats;
  return (await manager.consumers.add(options.stream.name, toConfig(options))).created;
}
