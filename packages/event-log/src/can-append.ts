import { newId } from '@hookline/contracts';
import type pg from 'pg';
import { type AppendOptions, appendEvents } from './append-events.ts';
import { ownKey } from './idempotency-key.ts';

/**
 * Whether an event can be appended at all: one of ours is, in a transaction that is rolled back. Tells
 * a fault of one event from a fault of the log. Throws FencedError, and what Postgres throws when it
 * does not answer.
 */
export async function canAppend(pool: pg.Pool, options: AppendOptions): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // An append asks of a pool no more than to run its statements, which a client does as well.
    await appendEvents(client as unknown as pg.Pool, [control()], options);
    return true;
  } catch (error) {
    // Only what Postgres itself reports has a severity.
    if (typeof (error as { severity?: unknown }).severity !== 'string') throw error;
    return false;
  } finally {
    await client.query('ROLLBACK').catch(() => {});
    client.release();
  }
}

function control() {
  const eventId = newId('evt', Date.now());
  return {
    eventId,
    key: ownKey(eventId),
    line: 'hookline.control',
    tenant: 'hookline-control',
    source: '/hookline',
    type: 'hookline.control',
    phase: 'post',
    status: 'success',
    extensions: {},
    data: '{}',
  } as const;
}
