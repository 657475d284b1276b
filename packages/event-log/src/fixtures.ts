import { lineOf, newId } from '@hookline/contracts';
import { createTestDatabase } from '@hookline/testing';
import type { EventToAppend } from './append-events.ts';
import { type Database, openDatabase } from './database.ts';
import { idempotencyKey, ownKey } from './idempotency-key.ts';
import { migrate } from './migrate.ts';

/** A migrated database, opened as services do and as its owner. */
export async function openTestLog(): Promise<
  { readonly service: Database; readonly owner: Database; readonly url: string } & AsyncDisposable
> {
  const created = await createTestDatabase({ migrate });
  const service = openDatabase({ url: created.url, role: 'hookline_service' });
  const owner = openDatabase({ url: created.url });
  return {
    service,
    owner,
    url: created.url,
    async [Symbol.asyncDispose]() {
      await service.close();
      await owner.close();
      await created.drop();
    },
  };
}

/** An event of a server; with a source id it is the same message each time. */
export function eventOf(given: {
  readonly server?: string;
  readonly sourceId?: string;
  readonly data?: string;
  readonly host?: string;
}): EventToAppend {
  const { server = 'srv_1', host = 'node-1', sourceId, data = `{"server_id":"${server}"}` } = given;
  const eventId = newId('evt');
  const tenant = 'default';
  const source = `/hosts/${host}`;
  return {
    eventId,
    key:
      sourceId === undefined
        ? ownKey(eventId)
        : idempotencyKey({ tenant, principal: `nats:${host}`, source, sourceId }),
    line: lineOf(tenant, server, host),
    tenant,
    source,
    type: 'server.started',
    subject: server,
    phase: 'post',
    status: 'success',
    extensions: { actor: 'api' },
    data,
  };
}
