import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DispatchableEvent, decodeEventBatch, inboxPrefix } from '@hookline/contracts';
import { hashApiKey, newApiKey, type Role } from '@hookline/credentials';
import { migrate, openDatabase } from '@hookline/event-log';
import { createLogger } from '@hookline/telemetry';
import { createTestDatabase, eventually, startTestNats, tempDir } from '@hookline/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { gatewayConfig } from './config.ts';
import { parseShardLayout } from './domain/shard-layout.ts';
import { SWEPT_HEADER } from './event-publisher.ts';
import { startGateway } from './service.ts';
import { startTestProxy } from './test-proxy.ts';

/** One answer on an agent's inbox. */
export interface Confirmed {
  readonly source_id: string;
  readonly event_id?: string;
  readonly position?: number;
  readonly rejected?: { readonly code: string; readonly reason: string };
}

/** Real Postgres and NATS in operator mode, gateways on free ports, agents and keys; for tests only. */
export async function startTestbed({ sweepAfterMs = 600_000, redactFields = '' } = {}) {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase({ migrate }));
  const nats = stack.use(await startTestNats());
  const folder = stack.use(await tempDir('gateway'));
  const credsPath = join(folder.path, 'services.creds');
  await writeFile(credsPath, nats.servicesCreds, { mode: 0o600 });
  const postgres = new URL(database.url);
  const proxy = stack.use(
    await startTestProxy({ host: postgres.hostname, port: Number(postgres.port) }),
  );
  postgres.host = `127.0.0.1:${proxy.port}`;
  const owner = stack.use(openDatabase({ url: database.superuserUrl, maxConnections: 2 }));
  const services = stack.adopt(await connectAs(nats.url, nats.servicesCreds), (nc) => nc.close());
  const stopping = new AbortController();
  const signal = stopping.signal;
  const owned = stack.move();
  await owner.pool.query(
    "INSERT INTO hookline.tenant (name, tenant_id) VALUES ('default', 'ten_1'), ('other', 'ten_2')",
  );

  const config = {
    ...gatewayConfig({
      HOOKLINE_POSTGRES_URL: postgres.href,
      HOOKLINE_NATS_URL: nats.url,
      HOOKLINE_NATS_CREDS: credsPath,
      HOOKLINE_SWEEP_AFTER_MS: String(sweepAfterMs),
      HOOKLINE_REDACT_FIELDS: redactFields,
      HOOKLINE_LOG_LEVEL: process.env.HOOKLINE_LOG_LEVEL ?? 'silent',
    }),
    leaseMs: 1_500,
    renewEveryMs: 300,
    followEveryMs: 200,
    straysEveryMs: 300,
    activityEveryMs: 100,
  };
  const ports = { ...config.ports, ingest: 0, ingestGrpc: 0, producerGatewayHealth: 0 };
  const logger = createLogger({ service: 'producer-gateway', level: config.logLevel });

  return {
    /** What gateways are started with. */
    config: { ...config, ports },
    pool: owner.pool,
    nats,
    services,
    /** Between the gateways and Postgres. */
    proxy,
    /** Starts one more gateway; it is stopped with the testbed unless before. */
    async gateway({ shards }: { shards?: string } = {}) {
      const ingestShards = shards === undefined ? undefined : parseShardLayout(shards);
      const gateway = await startGateway({ ...config, ports, ingestShards }, { logger, signal });
      owned.defer(() => gateway.stop());
      return gateway;
    },
    async agent(tenant: string, host: string) {
      const connection = await connectAs(
        nats.url,
        await nats.mintAgent({ tenant, host }),
        inboxPrefix(tenant, host),
      );
      owned.defer(() => connection.close());
      return createAgent(connection, tenant, host);
    },
    async apiKey(role: Role, tenant = 'default') {
      const key = newApiKey();
      await owner.pool.query(
        'INSERT INTO hookline.api_key (key_id, tenant, role, name, key_hash) VALUES ($1, $2, $3, $4, $5)',
        [`key_${hashApiKey(key).slice(0, 8)}`, tenant, role, role, hashApiKey(key)],
      );
      return key;
    },
    /** A further tenant, or what a tenant's quota is from now on. */
    async tenant(name: string, eventsPerSecond: number | null = null) {
      await owner.pool.query(
        `INSERT INTO hookline.tenant (name, tenant_id, events_per_second_max) VALUES ($1, 'ten_' || $1, $2)
         ON CONFLICT (name) DO UPDATE SET events_per_second_max = $2, updated_at = now()`,
        [name, eventsPerSecond],
      );
    },
    async events(): Promise<EventRow[]> {
      const { rows } = await owner.pool.query<EventRow>(
        `SELECT position, event_id, tenant, source, type, time, subject, phase, status, version AS sequence,
          extensions, data, stream AS line FROM hookline.event_log WHERE kind = 'server' ORDER BY position`,
      );
      return rows;
    },
    async rejected(): Promise<RejectedRow[]> {
      const { rows } = await owner.pool.query<RejectedRow>(
        'SELECT tenant, host, channel, subject, headers, code, reason, payload, payload_bytes FROM hookline.rejected ORDER BY received_at, rejected_id',
      );
      return rows;
    },
    /** Takes messages off EVENTS as a dispatcher does, until so many different events have come. */
    async takeEvents(count: number) {
      const taken = await takeEvents(services, count);
      const positions = taken.map(({ event }) => event.event.position);
      await owner.pool.query('DELETE FROM hookline.outbox WHERE position = ANY($1::bigint[])', [
        positions,
      ]);
      return taken;
    },
    stop: () => owned.disposeAsync(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export interface EventRow {
  readonly position: bigint;
  readonly event_id: string;
  readonly tenant: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string | null;
  readonly phase: string;
  readonly status: string | null;
  readonly sequence: bigint;
  readonly extensions: string;
  readonly data: string;
  readonly line: string;
}

export interface RejectedRow {
  readonly tenant: string | null;
  readonly host: string | null;
  readonly channel: string;
  readonly subject: string | null;
  readonly headers: string;
  readonly code: string;
  readonly reason: string;
  readonly payload: Buffer;
  readonly payload_bytes: number;
}

function connectAs(url: string, creds: string, inbox = '_INBOX'): Promise<NatsConnection> {
  return connect({
    servers: url,
    authenticator: credsAuthenticator(new TextEncoder().encode(creds)),
    inboxPrefix: inbox,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 0,
    ignoreAuthErrorAbort: true,
  });
}

function createAgent(connection: NatsConnection, tenant: string, host: string) {
  const inbox = `${inboxPrefix(tenant, host)}.confirmed`;
  const answers: Confirmed[] = [];
  connection.subscribe(inbox, { callback: (_, message) => void answers.push(message.json()) });
  return {
    connection,
    inbox,
    /** What was confirmed or rejected so far. */
    answers,
    /**
     * Publishes and waits until JetStream holds it: received, not yet accepted. A repeat is published
     * again until JetStream's own deduplication, which reaches back 100 ms, lets it through.
     */
    async publish(type: string, body: string | Uint8Array, given: Record<string, string> = {}) {
      const sent = headers();
      for (const [name, value] of Object.entries({ 'Hookline-Confirm-To': inbox, ...given })) {
        sent.set(name, value);
      }
      const subject = `hv.${tenant}.${host}.${type}`;
      await eventually(async () => {
        const reply = await connection.request(subject, body, { headers: sent, timeout: 5_000 });
        assert.equal(reply.json<{ duplicate?: boolean }>().duplicate ?? false, false);
      });
    },
  };
}

async function takeEvents(services: NatsConnection, count: number) {
  const manager = await jetstreamManager(services, { checkAPI: false });
  await manager.consumers.add('EVENTS', { durable_name: 'test', ack_policy: 'explicit' });
  const consumer = await jetstream(services).consumers.get('EVENTS', 'test');
  const taken: { event: DispatchableEvent; swept: boolean }[] = [];
  const ids = new Set<string>();
  for (const deadline = Date.now() + 10_000; ids.size < count; ) {
    if (Date.now() > deadline)
      throw new Error(`${ids.size} of ${count} events came through EVENTS`);
    const message = await consumer.next({ expires: 1_000 });
    if (message === null) continue;
    const swept = message.headers?.has(SWEPT_HEADER) === true;
    taken.push(...decodeEventBatch(message.data).map((event) => ({ event, swept })));
    for (const { event } of taken) ids.add(event.event.id);
    await message.ackAck();
  }
  await manager.consumers.delete('EVENTS', 'test');
  return taken;
}
