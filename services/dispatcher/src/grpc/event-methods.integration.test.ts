import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DeliveryServiceService,
  GrpcPhase,
  GrpcStatus,
  ListEventsRequest,
  lineOf,
  newId,
} from '@hookline/contracts';
import { appendEvents, migrate, openDatabase, ownKey } from '@hookline/event-log';
import {
  createGrpcClient,
  createGrpcServer,
  fromGrpcError,
  grpcService,
} from '@hookline/service-runtime';
import { createLogger } from '@hookline/telemetry';
import { createTestDatabase } from '@hookline/testing';
import { createReadMethods } from './read-methods.ts';

const keyOf = (letter: string) => `hk_${letter.repeat(43)}`;
const MINE = { apiKey: keyOf('a') };
const OTHERS = { apiKey: keyOf('b') };
const DATA = '{"b": 1e2, "a":12345678901234567890}';

async function open() {
  const created = await createTestDatabase({ migrate });
  const database = openDatabase({ url: created.url, role: 'hookline_service' });
  const server = createGrpcServer({
    name: 'dispatcher',
    host: '127.0.0.1',
    port: 0,
    services: [grpcService(DeliveryServiceService, createReadMethods(database))],
    authenticate: async (key) => ({
      tenant: key === MINE.apiKey ? 'default' : 'acme',
      keyId: 'key_1',
      role: 'viewer',
    }),
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  await server.start();
  const client = createGrpcClient(DeliveryServiceService, {
    address: `127.0.0.1:${server.port()}`,
  });
  return {
    url: created.url,
    database,
    client,
    async close() {
      client.close();
      await server.stop();
      await database.close();
      await created.drop();
    },
  };
}

let world: Awaited<ReturnType<typeof open>>;
const ids: string[] = [];

before(async () => {
  world = await open();
  const types = ['server.started', 'server.backup.completed', 'user.created', 'hookline.ping'];
  const events = types.map((type, index) => {
    const eventId = newId('evt');
    ids.push(eventId);
    return {
      eventId,
      key: ownKey(eventId),
      line: lineOf('default', 'srv_1', ''),
      tenant: 'default',
      source: '/hosts/node-1',
      type,
      subject: 'srv_1',
      time: '2026-01-15t10:30:00z',
      phase: index === 2 ? ('pre' as const) : ('post' as const),
      ...(index !== 2 && { status: 'success' as const }),
      extensions: { actor: 'api' },
      data: DATA,
    };
  });
  await appendEvents(world.database.pool, events, { dedupeDays: 7 });
});
after(() => world?.close());

const list = (request: Partial<ListEventsRequest>, options = MINE) =>
  world.client.listEvents(ListEventsRequest.fromPartial(request), options);
const refusalOf = async (promise: Promise<unknown>) =>
  fromGrpcError(
    await promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );

test('an event is answered as it was accepted', async () => {
  const { event } = await world.client.getEvent({ id: ids[0] as string }, MINE);
  assert.ok(event);
  const { position, acceptTime, ...rest } = event;
  assert.ok(position > 0 && acceptTime instanceof Date);
  assert.deepEqual(rest, {
    id: ids[0],
    source: '/hosts/node-1',
    sourceId: '',
    type: 'server.started',
    subject: 'srv_1',
    time: new Date('2026-01-15T10:30:00Z'),
    phase: GrpcPhase.PHASE_POST,
    status: GrpcStatus.STATUS_SUCCESS,
    sequence: 1n,
    extensions: { actor: 'api' },
    data: DATA,
  });
});

test('P5: another tenant’s events are not found and not listed', async () => {
  const refusal = await refusalOf(world.client.getEvent({ id: ids[0] as string }, OTHERS));
  assert.equal(refusal?.code, 'not_found');
  assert.deepEqual((await list({}, OTHERS)).events, []);
  assert.deepEqual((await list({ subject: 'srv_1' }, OTHERS)).events, []);
  const { nextPageToken } = await list({ pageSize: 1 });
  assert.equal(
    (await refusalOf(list({ pageToken: nextPageToken }, OTHERS)))?.code,
    'invalid_argument',
  );
});

test('patterns match as in a filter: no wildcard but hookline.* reaches hookline events', async () => {
  const found = async (...types: string[]) =>
    (await list({ types })).events.map(({ type }) => type).toReversed();
  assert.deepEqual(await found('server.*'), ['server.started', 'server.backup.completed']);
  assert.deepEqual(await found('server.*.completed'), ['server.backup.completed']);
  assert.deepEqual(await found('*'), ['server.started', 'server.backup.completed', 'user.created']);
  assert.deepEqual(await found('*.ping'), []);
  assert.deepEqual(await found('hookline.*', 'user.created'), ['user.created', 'hookline.ping']);
});

test('pages go on from a token, with or without payloads; faults name their field', async () => {
  const first = await list({ pageSize: 3, subject: 'srv_1' });
  assert.deepEqual(
    first.events.map(({ id }) => id),
    ids.slice(1).toReversed(),
  );
  const pageToken = first.nextPageToken;
  const rest = await list({ pageSize: 3, subject: 'srv_1', pageToken, omitData: true });
  assert.deepEqual(
    rest.events.map(({ id, data }) => [id, data]),
    [[ids[0], '']],
  );
  assert.equal(rest.nextPageToken, '');
  assert.deepEqual(
    (await list({ phases: [GrpcPhase.PHASE_PRE] })).events.map(({ id }) => id),
    [ids[2]],
  );
  for (const [request, field] of [
    [{ pageToken }, 'page_token'],
    [{ pageToken: 'x' }, 'page_token'],
    [{ pageSize: -1 }, 'page_size'],
    [{ types: ['server.>'] }, 'types[0]'],
    [{ types: Array.from({ length: 101 }, () => 'a') }, 'types'],
    [{ statuses: [0] }, 'statuses[0]'],
    [{ phases: [9] }, 'phases[0]'],
  ] as const) {
    const refusal = await refusalOf(list(request as Partial<ListEventsRequest>));
    assert.deepEqual([refusal?.code, refusal?.fields[0]?.field], ['invalid_argument', field]);
  }
});

test('what is past the retention time is refused, not shown as nothing', async () => {
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000);
  const owner = openDatabase({ url: world.url });
  await owner.pool.query(
    "INSERT INTO hookline.maintenance_log (action, parent, day) VALUES ('dropped', 'event_log_server', $1)",
    [day(91).toISOString().slice(0, 10)],
  );
  await owner.close();
  const old = newId('evt', day(120).getTime());
  const refusal = await refusalOf(world.client.getEvent({ id: old }, MINE));
  assert.match(refusal?.message ?? '', /older than the retention time/);
  const range = await refusalOf(list({ endTime: day(100) }));
  assert.equal(range?.fields[0]?.field, 'end_time');
  assert.equal((await list({ startTime: day(100) })).events.length, 4);
  const unknown = await refusalOf(world.client.getEvent({ id: newId('evt') }, MINE));
  assert.match(unknown?.message ?? '', /^there is no event/);
});
