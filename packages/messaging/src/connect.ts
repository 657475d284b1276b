import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { connect, credsAuthenticator, errors, type NatsConnection } from '@nats-io/transport-node';
import type { LoggerPort } from './logger-port.ts';

export interface NatsOptions {
  /** `nats://host:port`; several servers of a cluster separated by commas. */
  readonly url: string;
  /** A credentials file; read again at every connect, so that a renewed one is taken. */
  readonly credsPath?: string | undefined;
  /** The text of a credentials file, in place of its path. */
  readonly creds?: string | undefined;
  /** Shown by the server's monitoring; the service's name. */
  readonly name: string;
  readonly logger: LoggerPort;
  /** Ends the waiting for a server that is not there yet. */
  readonly signal?: AbortSignal;
  /** Prefix of this connection's own inboxes; `_INBOX` unless the credentials allow only another. */
  readonly inboxPrefix?: string;
}

/** One connection with what it is used for. It reconnects for ever until it is closed. */
export interface Nats {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly logger: LoggerPort;
  isConnected(): boolean;
  /** Calls back after every reconnect; what was published by others meanwhile may be lost. Returns an unsubscribe. */
  onReconnect(listener: () => void): () => void;
  /** Delivers what is on its way, for 3 s at most, and closes. Stop consumers and publishers first. */
  close(): Promise<void>;
}

const apiTimeoutMs = 5_000;
const logWaitingEveryMs = 10_000;
const drainMaxMs = 3_000;

function shownUrl(url: string): string {
  return url.replaceAll(/\/\/[^@/,]*@/g, '//***@');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

function readCredentials({ credsPath, creds }: NatsOptions): Uint8Array {
  return credsPath === undefined ? new TextEncoder().encode(creds) : readFileSync(credsPath);
}

function connectOnce(options: NatsOptions): Promise<NatsConnection> {
  const anonymous = options.credsPath === undefined && options.creds === undefined;
  return connect({
    servers: options.url.split(','),
    name: options.name,
    // The client's default is to close for good after ten attempts.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    // A server that restarts may not have its accounts yet; two refusals must not end the connection.
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    maxPingOut: 2,
    timeout: apiTimeoutMs,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...(anonymous ? {} : { authenticator: credsAuthenticator(() => readCredentials(options)) }),
  });
}

function explain(error: unknown, options: NatsOptions): string {
  if ((error as { code?: unknown }).code === 'ENOENT') {
    return `the credentials file ${options.credsPath} is not there: set HOOKLINE_NATS_CREDS to one that is`;
  }
  if (
    error instanceof errors.AuthorizationError ||
    /authorization|authentication/i.test(reasonOf(error))
  ) {
    return `the server refuses the credentials: set HOOKLINE_NATS_CREDS to a credentials file of its HOOKLINE account`;
  }
  return `${reasonOf(error)}: start nats-server, or set HOOKLINE_NATS_URL`;
}

/**
 * Connects, waiting as long as it takes and saying every ten seconds what for.
 *
 * The client's own `waitOnFirstConnect` waits without a word and cannot be called off, hence the
 * loop.
 */
async function connectPatiently(options: NatsOptions): Promise<NatsConnection> {
  let loggedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return await connectOnce(options);
    } catch (error) {
      if (performance.now() - loggedAt >= logWaitingEveryMs) {
        loggedAt = performance.now();
        options.logger.warn(
          {},
          `waiting for NATS at ${shownUrl(options.url)}: ${explain(error, options)}`,
        );
      }
    }
    await delay(
      500,
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    ).catch(() => {});
  }
}

/**
 * Connects to NATS and keeps connected. What happens to the connection is logged, a line for each
 * loss and each return.
 *
 * @throws the signal's reason when it is aborted while waiting.
 */
export async function connectNats(options: NatsOptions): Promise<Nats> {
  const { logger } = options;
  const connection = await connectPatiently(options);
  const listeners = new Set<() => void>();
  let connected = true;

  const watch = async (): Promise<void> => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        connected = false;
        logger.warn({ server: status.server }, 'lost NATS; reconnecting until it is back');
      } else if (status.type === 'reconnect') {
        connected = true;
        logger.info({ server: status.server }, 'NATS is back');
        for (const listener of [...listeners]) listener();
      } else if (status.type === 'error') {
        logger.error({ reason: reasonOf(status.error) }, 'NATS reports an error');
      } else if (status.type === 'ldm' || status.type === 'staleConnection') {
        logger.warn({ status: status.type }, 'the NATS connection is about to move');
      }
    }
  };
  void watch();
  void connection.closed().then((error) => {
    connected = false;
    if (error instanceof Error)
      logger.error({ reason: reasonOf(error) }, 'the NATS connection is closed');
  });

  // Without the check of the account: it would fail while JetStream is still recovering its streams.
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: apiTimeoutMs });
  return {
    connection,
    jetstream: jetstream(connection, { timeout: apiTimeoutMs }),
    manager,
    logger,
    isConnected: () => connected && !connection.isClosed(),
    onReconnect(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      if (connection.isClosed()) return;
      // A drain waits for the server's answer, for ever if the server goes away meanwhile.
      const timer = setTimeout(() => void connection.close(), drainMaxMs);
      if (connected) await Promise.race([connection.drain().catch(() => {}), connection.closed()]);
      clearTimeout(timer);
      await connection.close();
    },
  };
}
