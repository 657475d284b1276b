import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { LoggedEvent } from './logged-event.ts';
import { type LoggedRow, toLoggedEvent } from './logged-event.ts';
import { createUpcasters, UnknownSchemaVersionError } from './upcasters.ts';

/** Rows as versions of Hookline wrote them, and what is to be read from them. Never edited, only added to. */
const golden = JSON.parse(
  readFileSync(new URL('./golden/rows.json', import.meta.url), 'utf8'),
) as readonly {
  readonly row: unknown[];
  readonly read: { readonly type: string; readonly data: unknown; readonly schemaVersion: number };
}[];

function goldenEvent(row: readonly unknown[]): LoggedEvent {
  const spelt = [...row];
  spelt[3] = BigInt(spelt[3] as string);
  spelt[6] = BigInt(spelt[6] as string);
  return toLoggedEvent(spelt as LoggedRow);
}

function eventOfVersion(schemaVersion: number, data: unknown): LoggedEvent {
  const row = golden[0]?.row ?? [];
  return { ...goldenEvent(row), type: 'Moved', data: JSON.stringify(data), schemaVersion };
}

describe('upcasters', () => {
  test('rows of every past version are read in the newest shape', () => {
    const upcasters = createUpcasters();
    assert.ok(golden.length >= 4);
    for (const { row, read } of golden) {
      const event = upcasters.upcast(goldenEvent(row));
      const { type, data, schemaVersion } = event;
      assert.deepEqual({ type, data: JSON.parse(data), schemaVersion }, read);
      assert.equal(schemaVersion, upcasters.currentVersion(type));
    }
  });

  test('an event is raised one version at a time', () => {
    const upcasters = createUpcasters([
      { type: 'Moved', fromVersion: 2, upcast: (data) => ({ ...(data as object), third: true }) },
      { type: 'Moved', fromVersion: 1, upcast: (data) => ({ to: (data as { t: string }).t }) },
    ]);
    assert.equal(upcasters.currentVersion('Moved'), 3);
    const first = upcasters.upcast(eventOfVersion(1, { t: 'node-2' }));
    assert.deepEqual([first.data, first.schemaVersion], ['{"to":"node-2","third":true}', 3]);
    const second = upcasters.upcast(eventOfVersion(2, { to: 'node-2' }));
    assert.deepEqual([second.data, second.schemaVersion], [first.data, 3]);
  });

  test('an event in its newest shape keeps its bytes', () => {
    const event = eventOfVersion(1, {});
    assert.equal(createUpcasters().upcast(event), event);
  });

  test('an event of a newer program is refused, not guessed at', () => {
    assert.throws(() => createUpcasters().upcast(eventOfVersion(2, {})), UnknownSchemaVersionError);
  });

  test('a step that is missing or there twice is refused', () => {
    const step = { type: 'Moved', fromVersion: 2, upcast: (data: unknown) => data };
    assert.throws(() => createUpcasters([step]), /no upcaster from version 1/);
    assert.throws(() => createUpcasters([step, step]), /two upcasters/);
  });
});
