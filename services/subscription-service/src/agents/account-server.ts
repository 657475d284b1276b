import { DomainError } from '@hookline/contracts';
import {
  AccountRefusedError,
  type Authority,
  mintSystemCredentials,
  pushAccount,
} from '@hookline/nats-authority';
import type { Logger } from '@hookline/telemetry';
import { connect, credsAuthenticator, errors, type NatsConnection } from '@nats-io/transport-node';

/** The running NATS servers, as what is told of accounts. */
export interface AccountServer {
  /**
   * Tells them of an account's claims. Throws DomainError `failed_precondition` when they are not in
   * operator mode or have another operator, `unavailable` when none answers.
   */
  push(claims: string): Promise<void>;
  /** Called after every connect and reconnect: the server may have lost its accounts. */
  onConnect(listener: () => void): void;
  close(): Promise<void>;
}

/** What to do with a NATS server that agents' accounts cannot be told to. */
const MEND =
  'run nats-server in operator mode with the operator, system account and a resolver of type full as docs/operations/nats.md shows, and set HOOKLINE_NATS_AUTHORITY to the file with the keys of that operator';

const REFUSED_BY = [errors.AuthorizationError, errors.UserAuthenticationExpiredError];

export function notConfigured(): DomainError {
  return new DomainError(
    'failed_precondition',
    `agent credentials cannot be managed: HOOKLINE_NATS_AUTHORITY is not set, so the keys of the NATS operator are not known; ${MEND}`,
  );
}

/** A connection of the system account, made when it is first needed and kept from then on. */
export function createAccountServer(options: {
  readonly url: string;
  readonly authority: Authority;
  readonly logger: Logger;
}): AccountServer {
  const { url, authority, logger } = options;
  const listeners: (() => void)[] = [];
  let connecting: Promise<NatsConnection> | undefined;

  const tell = () => {
    for (const listener of listeners) listener();
  };

  const open = async (): Promise<NatsConnection> => {
    const creds = new TextEncoder().encode(await mintSystemCredentials(authority));
    const connection = await connect({
      servers: url.split(','),
      name: 'subscription-service-accounts',
      authenticator: credsAuthenticator(creds),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      ignoreAuthErrorAbort: true,
      pingInterval: 10_000,
      maxPingOut: 2,
      timeout: 5_000,
    });
    void (async () => {
      for await (const status of connection.status()) {
        if (status.type === 'reconnect') tell();
      }
    })();
    void connection.closed().then(() => {
      connecting = undefined;
    });
    logger.info('connected to the system account of NATS');
    tell();
    return connection;
  };

  const connected = (): Promise<NatsConnection> => {
    connecting ??= open().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };

  return {
    async push(claims) {
      try {
        await pushAccount(await connected(), claims);
      } catch (error) {
        throw explained(error);
      }
    },
    onConnect: (listener) => void listeners.push(listener),
    async close() {
      const connection = await connecting?.catch(() => undefined);
      await connection?.close();
    },
  };
}

function explained(error: unknown): DomainError {
  const reason = error instanceof Error ? error.message : String(error);
  const isRefusal =
    error instanceof AccountRefusedError ||
    error instanceof errors.NoRespondersError ||
    (error instanceof errors.RequestError && error.isNoResponders()) ||
    REFUSED_BY.some((kind) => error instanceof kind) ||
    /authorization|authentication/i.test(reason);
  if (isRefusal) {
    return new DomainError(
      'failed_precondition',
      `the NATS server does not take accounts of this operator (${reason}): it is not in operator mode, or has another operator; ${MEND}`,
      { cause: error },
    );
  }
  return new DomainError(
    'unavailable',
    'the NATS server cannot be told of agent accounts at the moment; try again',
    { retryAfterMs: 2_000, cause: error },
  );
}
