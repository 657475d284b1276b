import { setTimeout as delay } from 'node:timers/promises';
import { connect, credsAuthenticator, errors, type NatsConnection } from '@nats-io/transport-node';
import { inboxPrefixOf } from './agent-credentials.ts';
import { AgentError } from './agent-error.ts';
import type { AgentSettings } from './agent-options.ts';

const RETRY_DELAY_MS = 250;
const DIAL_TIMEOUT_MS = 5_000;

/**
 * Connects, trying again until `connectTimeoutMs` is over: an agent may start before the network is
 * up. The connection then reconnects for ever.
 *
 * @throws AgentError `credentials_refused` at once, `unreachable` when the time is over; the signal's
 * reason
 */
export async function openConnection(settings: AgentSettings): Promise<NatsConnection> {
  const deadline = performance.now() + settings.connectTimeoutMs;
  for (;;) {
    settings.signal?.throwIfAborted();
    try {
      return await dial(settings);
    } catch (error) {
      if (error instanceof AgentError) throw error;
      if (isRefusal(error)) throw refused(error);
      if (performance.now() + RETRY_DELAY_MS >= deadline) throw unreachable(error, settings);
    }
    await delay(RETRY_DELAY_MS, undefined, settings.signal && { signal: settings.signal }).catch(
      () => {},
    );
  }
}

/** Whether NATS, and not the way to it, is against us. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof errors.AuthorizationError ||
    error instanceof errors.UserAuthenticationExpiredError ||
    error instanceof errors.PermissionViolationError
  );
}

function dial({ servers, name, identity, readCreds }: AgentSettings): Promise<NatsConnection> {
  return connect({
    servers,
    name,
    inboxPrefix: inboxPrefixOf(identity),
    timeout: DIAL_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    reconnectJitter: 500,
    // A server that restarts may not know its accounts yet: two refusals must not end the connection.
    ignoreAuthErrorAbort: true,
    pingInterval: 20_000,
    ...(readCreds !== undefined && { authenticator: credsAuthenticator(readCreds) }),
  });
}

function refused(cause: unknown): AgentError {
  return new AgentError(
    'credentials_refused',
    'NATS refuses the credentials: they were revoked, have expired, or are those of another server; have new ones minted for this host',
    { cause },
  );
}

function unreachable(cause: unknown, { servers, connectTimeoutMs }: AgentSettings): AgentError {
  const shown = servers.map((server) => server.replace(/\/\/[^@/]*@/, '//***@')).join(', ');
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new AgentError(
    'unreachable',
    `no answer of NATS at ${shown} within ${connectTimeoutMs / 1_000} s (${reason}): check the address, and that the server runs`,
    { cause },
  );
}
