/** Chat services as they are told of everything: nothing is refused, and nobody is called. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type DispatchableEvent,
  eventTypes,
  exampleEventData,
  lineOf,
  newId,
} from '@hookline/contracts';
import { appendEvents, ownKey } from '@hookline/event-log';
import {
  type ChatService,
  type ChatServiceName,
  eventually,
  startChatService,
} from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

const EVIL =
  '<!channel> *x* _y_ ~z~ `c` @everyone @here <@U1> <@&2> <users/all> [a](http://evil.test) <b>B</b> &lt;!here&gt; \\*';
const TIMEOUT_MS = 90_000;

const SETTINGS: Readonly<Record<ChatServiceName, object>> = {
  slack: {},
  discord: {},
  'google-chat': {},
  telegram: { options: { chat_id: '-1001234567890' } },
  pushover: {
    options: { user: 'u'.repeat(30), failure_priority: '2', retry: '30', expire: '10800' },
    auth: { kind: 'bearer', token: 't'.repeat(30), base64: false },
  },
};
const NAMES = Object.keys(SETTINGS) as ChatServiceName[];

let world: TestDispatchers;
const services = new Map<ChatServiceName, ChatService>();
const subscriptions = new Map<string, ChatServiceName>();
let received = 0;

before(async () => {
  world = await startTestDispatchers();
  await world.database.kysely
    .updateTable('hookline.tenant')
    .set({
      control_name: `${EVIL} ${'c'.repeat(200)}`,
      control_domain: 'cp.example.com',
      control_support_link: `https://example.com/${'('.repeat(300)}`,
    })
    .execute();
  for (const name of NAMES) {
    const service = await startChatService(name);
    services.set(name, service);
    const target = await world.subscribe({
      ...{ url: service.url, type: '*', format: name, timeoutMs: 30_000, ...SETTINGS[name] },
      filter: {
        ...{ types: ['*', 'hookline.*'], subjects: [], attributes: [] },
        ...{ statuses: ['success', 'fail'], phases: ['pre', 'post'] },
      },
    });
    subscriptions.set(target.subscriptionId, name);
  }
  await world.startDispatcher();
});
after(async () => {
  await world[Symbol.asyncDispose]();
  for (const service of services.values()) await service.stop();
});

interface Told {
  readonly type: string;
  readonly outcome: 'success' | 'fail' | 'pre';
  readonly data: object;
  /** Stands wherever an agent or a panel may write what it likes. */
  readonly text?: string;
}

/** Accepts the events, hands them to the dispatchers and waits until every service has had each. */
async function tell(events: readonly Told[]): Promise<DispatchableEvent[]> {
  const drafts = events.map(({ type, outcome, data, text = 'srv_1' }) => {
    const eventId = newId('evt');
    return {
      ...{ eventId, type, key: ownKey(eventId), line: lineOf('default', 'srv_1', 'node-1') },
      ...{ tenant: 'default', source: `/hosts/${text}`, subject: text },
      ...(outcome === 'pre' ? { phase: outcome } : { phase: 'post' as const, status: outcome }),
      extensions: { username: text, reason: text, actor: text },
      data: JSON.stringify(data),
    };
  });
  const appended = await appendEvents(world.database.pool, drafts, { dedupeDays: 7 });
  const entries = appended.filter((each) => each.kind === 'appended');
  assert.equal(entries.length, events.length);
  for (let start = 0; start < entries.length; start += 8) {
    await world.send(entries.slice(start, start + 8));
  }
  received += entries.length;
  for (const { receiver, verdicts } of services.values()) {
    await receiver.waitFor(received, TIMEOUT_MS);
    assert.deepEqual(
      verdicts.flatMap(({ refusal }) => refusal ?? []),
      [],
    );
  }
  return entries;
}

/** What the people of a service saw of an event, once it is known that it called nobody. */
function seenOf(name: ChatServiceName, { event }: DispatchableEvent): string {
  const verdicts = services.get(name)?.verdicts ?? [];
  const verdict = verdicts.find(({ shown }) => shown.some((text) => text.includes(event.id)));
  assert.ok(verdict, `${name} was told of ${event.type}`);
  assert.deepEqual(verdict.pings, [], `${name}, ${event.type}`);
  return verdict.shown.join('\n');
}

test('every event of the catalogue is taken by every chat service, and says what happened when', async () => {
  const told = await tell(
    eventTypes.map(({ type }) => ({
      type,
      outcome: 'success',
      data: exampleEventData(type) ?? {},
    })),
  );
  for (const name of NAMES) {
    for (const entry of told) {
      const seen = seenOf(name, entry);
      assert.ok(seen.includes(entry.event.type) && seen.includes(' UTC'), `${name}: ${seen}`);
    }
  }
});

test('whatever something is called, it is shown as it is, formats nothing and pings nobody', async () => {
  const named = { name: EVIL, email: EVIL, message: EVIL, id: EVIL };
  const data = {
    ...{ server_id: EVIL, ...named, ip: EVIL, status: EVIL, type: EVIL, error: EVIL },
    ...{ hypervisor: named, user: named, after: named, before: named, subscription: named },
    payment: named,
  };
  const types = [...eventTypes.map(({ type }) => type), 'acme.some_thing', 'xo.vm.stats'];
  const told = await tell(
    types.flatMap((type) => [
      { type, outcome: 'pre' as const, data, text: EVIL },
      { type, outcome: 'fail' as const, data, text: EVIL },
    ]),
  );
  for (const name of NAMES) {
    for (const entry of told) {
      const seen = seenOf(name, entry);
      assert.ok(seen.includes(EVIL), `${name}, ${entry.event.type}: ${seen}`);
    }
  }
});

test('what is longer than a service takes is cut, and ends in an ellipsis', async () => {
  const units = ['L', '&', '"', '*', 'ß', '😀', '👩‍👩‍👧‍👦'];
  const told = await tell(
    units.flatMap((unit) => {
      const text = unit.repeat(1500 / unit.length);
      const data = { server_id: text, name: text, ip: text, status: text, error: text };
      return (['success', 'fail'] as const).map((outcome) => ({
        ...{ type: 'server.started', outcome, data, text },
      }));
    }),
  );
  for (const name of NAMES) {
    for (const [index, entry] of told.entries()) {
      const unit = units[Math.floor(index / 2)] ?? '';
      const lines = seenOf(name, entry).split('\n');
      const long = lines.filter((line) => line.includes(unit.repeat(4)));
      assert.ok(long.length >= 2, `${name}: ${unit}`);
      for (const line of long) {
        assert.ok(line.includes(`${unit}…`), `${name}: …${line.slice(-40)}`);
      }
    }
  }
});

test('P3 every attempt is on record as a success, under an address without its credential', async () => {
  const rows = await eventually(async () => {
    const found = await world.database.kysely
      .selectFrom('hookline.attempt_log')
      .select(['subscription_id', 'outcome', 'url', 'number'])
      .execute();
    assert.equal(found.length, NAMES.length * received, 'attempts go on record in groups');
    return found;
  });
  for (const { subscription_id, outcome, url, number } of rows) {
    const name = subscriptions.get(subscription_id);
    assert.ok(name);
    assert.deepEqual([outcome, number], ['succeeded', 1], name);
    const secrets = /X{24}|abcDEF-123_token|AIzaKey|abc-token|AAE-stand_in/;
    assert.doesNotMatch(url, secrets, name);
    assert.ok(url.startsWith(`http://127.0.0.1:${services.get(name)?.receiver.port}/`));
  }
});
