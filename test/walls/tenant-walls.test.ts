import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { callers, everyMethod, type Ids, type WalledMethod } from './methods.ts';
import { type Ending, idsOfNothing, openWorld, type World } from './world.ts';

const methods = everyMethod();
const rowOf = ({ title, row }: WalledMethod) => {
  assert.ok(row, `nothing is said of who may call ${title}: give it a row in methods.ts`);
  return row;
};

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world?.[Symbol.asyncDispose]());

test('every method of every service says who may call it', () => {
  assert.ok(methods.length >= 40, `${methods.length} methods`);
  for (const method of methods) rowOf(method);
});

test('P5 each role is answered by every method as the contract says', async (t) => {
  const nothing = idsOfNothing();
  const faults: string[] = [];
  for (const method of methods) {
    const row = rowOf(method);
    const [fields = {}] = row.requests(nothing);
    const endings = await Promise.all(
      callers.map(async (caller) => {
        const { code } = await world.call(method, fields, world.keys[caller]);
        return { caller, code };
      }),
    );
    for (const { caller, code } of endings) {
      const expected = row.may.includes(caller) ? row.answer : status.PERMISSION_DENIED;
      if (code === expected) continue;
      faults.push(`${method.title} as ${caller}: ${status[code]}, not ${status[expected]}`);
    }
  }
  t.diagnostic(`${methods.length} methods`);
  assert.deepEqual(faults, []);
});

test('P5 without a key, and with one that is revoked, expired or unknown, no method answers', async () => {
  const nothing = idsOfNothing();
  const strangers = {
    none: undefined,
    revoked: world.revoked,
    expired: world.expired,
    unknown: `hk_${'a'.repeat(43)}`,
    malformed: 'hk_x',
  };
  const faults: string[] = [];
  for (const method of methods) {
    const [fields = {}] = rowOf(method).requests(nothing);
    for (const [name, key] of Object.entries(strangers)) {
      const { code } = await world.call(method, fields, key);
      if (code !== status.UNAUTHENTICATED) faults.push(`${method.title}, ${name}: ${status[code]}`);
    }
  }
  assert.deepEqual(faults, []);
});

test("P5 another tenant's ids are answered, in code and words, as ids that never were", async () => {
  const { ids, stranger } = world;
  const nothing = idsOfNothing();
  const faults: string[] = [];
  let compared = 0;
  for (const method of methods) {
    const theirs = rowOf(method).requests(ids);
    const never = rowOf(method).requests(nothing);
    for (const [index, fields] of theirs.entries()) {
      const other = never[index] as object;
      if (JSON.stringify(fields) === JSON.stringify(other)) continue;
      compared += 1;
      const found = withoutIds(await world.call(method, fields, stranger), ids);
      const missed = withoutIds(await world.call(method, other, stranger), nothing);
      if (found !== missed) faults.push(`${method.title}: ${found}, but ${missed}`);
    }
  }
  assert.ok(compared >= 30, `${compared} compared`);
  assert.deepEqual(faults, []);
  // None of it has changed anything: its owner still finds all as it was.
  for (const title of [
    'getSubscription',
    'getDelivery',
    'getEvent',
    'getDeadLetter',
    'getTenant',
  ]) {
    const method = methods.find((each) => each.title.endsWith(`.${title}`)) as WalledMethod;
    const [fields = {}] = rowOf(method).requests(ids);
    const { code, text } = await world.call(method, fields, world.keys.admin);
    assert.equal(code, status.OK, `${title}: ${text}`);
    if (title === 'getSubscription') assert.match(text, /"state":1,.*"etag":"1"/);
  }
});

/** An answer with the asked-for names left out, which may be repeated in it. */
function withoutIds({ code, text }: Ending, ids: Ids): string {
  const plain = Object.values(ids).reduce((rest, id) => rest.replaceAll(id, '#'), text);
  return `${status[code]} ${plain}`;
}
