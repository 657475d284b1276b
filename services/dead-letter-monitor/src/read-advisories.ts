import type { Database } from '@hookline/event-log';
import type { BatchConsumer, ReceivedMessage } from '@hookline/messaging';
import { reasonOf } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import { readAdvisory } from './domain/advisory.ts';
import { showIncident } from './postgres/incidents.ts';
import { readContacts } from './postgres/read-contacts.ts';
import { type TellingDeps, tellOfIncident } from './tell-of-incident.ts';

export interface AdvisoryReaderDeps extends TellingDeps {
  readonly database: Database;
  readonly consumer: BatchConsumer;
  readonly logger: Logger;
  /** Called when a mail was written. */
  readonly onNotification?: () => void;
}

/**
 * Counts what the NATS server reports in incidents. An advisory is acknowledged after the commit, so
 * none is missed; one that comes again after a crash is counted twice, and told once.
 */
export function createAdvisoryReader(deps: AdvisoryReaderDeps) {
  let reading = Promise.resolve();

  async function handle(message: ReceivedMessage): Promise<void> {
    const showing = readAdvisory(message.data);
    if (showing === undefined) {
      message.ack();
      return;
    }
    const notified = await deps.database.kysely.transaction().execute(async (transaction) => {
      const incident = await showIncident(transaction, showing, 'more');
      const recipients = await readContacts(transaction, showing.tenant);
      return await tellOfIncident(deps, transaction, { incident, showing, recipients });
    });
    message.ack();
    if (notified) deps.onNotification?.();
  }

  async function run(): Promise<void> {
    for await (const batch of deps.consumer) {
      for (const message of batch) {
        try {
          await handle(message);
        } catch (error) {
          deps.logger.warn({ err: error }, `an advisory comes again: ${reasonOf(error)}`);
          message.nak(1_000);
        }
      }
    }
  }

  return {
    async start(): Promise<void> {
      reading = run();
      reading.catch((error) => deps.logger.error({ err: error }, 'reading of advisories ended'));
    },
    async stop(): Promise<void> {
      await deps.consumer.stop();
      await reading.catch(() => {});
    },
  };
}
