import type { Database } from '@hookline/event-log';
import type { AgentName } from '@hookline/nats-authority';
import { createPeriodic, type Lifecycle } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type { AccountServer } from './account-server.ts';
import { type AccountClaims, listAccounts, readAccount } from './agent-accounts.ts';

/** A server that was away is looked for this often. */
const INTERVAL_MS = 30_000;
const PAGE = 500;
/** The server checks a signature and writes a file for each. */
const AT_ONCE = 16;

export interface AgentServers extends Lifecycle {
  /** Tells the servers of an account as it is now; throws as AccountServer does. */
  push(agent: AgentName): Promise<void>;
  /** The same in the background, again until it is done. */
  pushAllSoon(): void;
}

/**
 * Keeps NATS servers told of every agent's account: all of them at the start, after every reconnect
 * and after a push that failed. Claims are kept signed, so that this signs nothing.
 */
export function createAgentServers(options: {
  readonly database: Database;
  readonly server: AccountServer;
  readonly logger: Logger;
}): AgentServers {
  const { database, server, logger } = options;
  const { kysely } = database;
  let isDue = true;

  /** Until what was told is what is: a revocation may have come in between, and must not be undone. */
  const pushUntilCurrent = async (account: AccountClaims): Promise<void> => {
    let told: AccountClaims | undefined = account;
    for (;;) {
      if (told === undefined) return;
      await server.push(told.claims);
      const current = await readAccount(kysely, told);
      if (current?.version === told.version) return;
      told = current;
    }
  };

  const pushAll = async (signal: AbortSignal): Promise<void> => {
    if (!isDue) return;
    isDue = false;
    try {
      let after: AgentName = { tenant: '', host: '' };
      let count = 0;
      for (;;) {
        const page = await listAccounts(kysely, { after, limit: PAGE });
        const left = [...page];
        const turn = async () => {
          for (let next = left.pop(); next !== undefined; next = left.pop()) {
            if (signal.aborted) return;
            await pushUntilCurrent(next);
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, turn));
        count += page.length;
        const last = page.at(-1);
        if (page.length < PAGE || last === undefined || signal.aborted) break;
        after = last;
      }
      if (count > 0) logger.info({ accounts: count }, 'NATS was told of the agents');
    } catch (error) {
      isDue = true;
      throw error;
    }
  };

  const periodic = createPeriodic({
    name: 'telling NATS of the agents',
    intervalMs: INTERVAL_MS,
    runOnce: pushAll,
    logger,
  });
  const pushAllSoon = () => {
    isDue = true;
    periodic.wake();
  };
  server.onConnect(pushAllSoon);

  return {
    ...periodic,
    async push(agent) {
      const account = await readAccount(kysely, agent);
      if (account === undefined) return;
      try {
        await pushUntilCurrent(account);
      } catch (error) {
        isDue = true;
        throw error;
      }
    },
    pushAllSoon,
    async stop() {
      await periodic.stop();
      await server.close();
    },
  };
}
