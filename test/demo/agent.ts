import { readFileSync } from 'node:fs';
import type { Endpoints } from '@hookline/local-stack';
import { connect, credsAuthenticator, headers } from '@nats-io/transport-node';
import type { LifeEvent } from './server-life.ts';

/** What Hookline answers an agent after the commit. */
export interface Confirmation {
  readonly source_id: string;
  readonly event_id?: string;
  readonly position?: string | number;
  readonly rejected?: { readonly code: string; readonly reason: string };
}

/** A hypervisor's agent: it publishes under its own name and hears what became of it. */
export interface Agent extends AsyncDisposable {
  /** Publishes and waits for the confirmation that the event is in the log. Throws when it is rejected. */
  publish(event: LifeEvent, sourceId: string): Promise<Confirmation>;
}

const CONFIRMATION_TIMEOUT_MS = 10_000;
const HOST = 'node-1';

/** Connects with the agent's credentials of the stack. Whatever the agent does, it does over NATS alone. */
export async function connectAgent(endpoints: Endpoints): Promise<Agent> {
  const { nats, natsCreds, natsInboxPrefix, tenant } = endpoints;
  const connection = await connect({
    servers: nats,
    name: 'demo-agent',
    inboxPrefix: natsInboxPrefix,
    ...(natsCreds !== null && { authenticator: credsAuthenticator(readFileSync(natsCreds)) }),
  });
  const waiting = new Map<string, (confirmation: Confirmation) => void>();
  const inbox = `${natsInboxPrefix}.demo-${process.pid}`;
  connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) return;
      const confirmation = message.json<Confirmation>();
      waiting.get(confirmation.source_id)?.(confirmation);
    },
  });
  // Once the server answers it knows the subscription, and a confirmation cannot be missed.
  await connection.flush();

  return {
    async publish({ type, data, status }, sourceId) {
      const subject = `hv.${tenant}.${HOST}.${type}`;
      const sent = headers();
      sent.set('Nats-Msg-Id', sourceId);
      sent.set('Hookline-Confirm-To', inbox);
      if (status !== undefined) sent.set('Hookline-Status', status);
      const confirmed = Promise.withResolvers<Confirmation>();
      const timer = setTimeout(() => {
        confirmed.reject(
          new Error(`no confirmation of ${subject} within ${CONFIRMATION_TIMEOUT_MS / 1000} s`),
        );
      }, CONFIRMATION_TIMEOUT_MS);
      waiting.set(sourceId, confirmed.resolve);
      try {
        connection.publish(subject, JSON.stringify(data), { headers: sent });
        const confirmation = await confirmed.promise;
        const { rejected } = confirmation;
        if (rejected !== undefined) throw new Error(`${subject} was rejected: ${rejected.reason}`);
        return confirmation;
      } finally {
        clearTimeout(timer);
        waiting.delete(sourceId);
      }
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
