import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  DeadLetterCause,
  DeadLetterFilter,
  DeadLetterServiceClient,
  DeadLetterState,
  GetDeadLetterRequest,
  type GetDeadLetterResponse,
  ListDeadLettersRequest,
  type ListDeadLettersResponse,
  ListRejectedRequest,
  type ListRejectedResponse,
  Outcome,
  readFieldViolations,
} from '@hookline/contracts';
import { insertRejected } from '@hookline/event-log';
import { createGrpcServer } from '@hookline/service-runtime';
import { openTestMonitor } from '../test-monitor.ts';
import { createDeadLetterService } from './dead-letter-service.ts';
import type { AskForResubmit } from './resubmit-rejected.ts';

const keyOf = (letter: string) => `hk_${letter.repeat(43)}`;
const callers = new Map([
  [keyOf('a'), { tenant: 'default', keyId: 'key_1', role: 'viewer' } as const],
  [keyOf('b'), { tenant: 'other', keyId: 'key_2', role: 'viewer' } as const],
  [keyOf('c'), { tenant: 'default', keyId: 'key_3', role: 'publisher' } as const],
]);

let world: Awaited<ReturnType<typeof openTestMonitor>>;
let server: ReturnType<typeof createGrpcServer>;
let client: DeadLetterServiceClient;
const answerResubmit: AskForResubmit = async () => ({ kind: 'nobody' });

before(async () => {
  world = await openTestMonitor();
  server = createGrpcServer({
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    services: [
      createDeadLetterService({
        database: world.database,
        sealer: world.sealer,
        askForResubmit: (text, timeoutMs) => answerResubmit(text, timeoutMs),
      }),
    ],
    authenticate: async (key) => callers.get(key),
    logger: world.logger,
  });
  await server.start();
  client = new DeadLetterServiceClient(`127.0.0.1:${server.port()}`, credentials.createInsecure());
});
after(async () => {
  client?.close();
  await server?.stop();
  await world[Symbol.asyncDispose]();
});

function metadataOf(letter: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${keyOf(letter)}`);
  return metadata;
}

type Call<Q, S> = (
  request: Q,
  metadata: Metadata,
  callback: (error: ServiceError | null, response: S) => void,
) => unknown;
const call = <Q, S>(method: Call<Q, S>, request: Q, letter = 'a'): Promise<S> =>
  promisify((done: (error: ServiceError | null, response: S) => void) =>
    method.call(client, request, metadataOf(letter), done),
  )();

type ListInput = Partial<Omit<ListDeadLettersRequest, 'filter'>> & {
  readonly filter?: Partial<DeadLetterFilter>;
};
const list = ({ filter, ...given }: ListInput, letter?: string) =>
  call<ListDeadLettersRequest, ListDeadLettersResponse>(
    client.listDeadLetters,
    {
      ...ListDeadLettersRequest.create(),
      ...given,
      filter: filter && { ...DeadLetterFilter.create(), ...filter },
    },
    letter,
  );

test('dead letters are listed by pages, the newest first, of one tenant alone (P5)', async () => {
  const subscriptionId = await world.subscribe();
  const filter = { subscriptionIds: [subscriptionId] };
  const ids: string[] = [];
  for (let minutes = 5; minutes > 0; minutes -= 1) {
    ids.unshift(
      await world.die(subscriptionId, {
        diedAt: new Date(Date.now() - minutes * 60_000),
        cause: minutes === 5 ? 'gone' : 'timeout',
        eventType: minutes === 4 ? 'server.backup.completed' : 'server.started',
      }),
    );
  }
  const found: string[] = [];
  let pageToken = '';
  do {
    const page = await list({ pageSize: 2, pageToken, filter });
    found.push(...page.deadLetters.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(found, ids);

  const [last] = (await list({ filter: { ...filter, outcomes: [Outcome.OUTCOME_GONE] } }))
    .deadLetters;
  assert.equal(last?.cause, DeadLetterCause.DEAD_LETTER_CAUSE_ENDPOINT_GONE);
  assert.equal(last?.state, DeadLetterState.DEAD_LETTER_STATE_OPEN);
  assert.equal(last?.lastAttempt?.number, 5);
  assert.equal(last?.subject, 'srv_1');

  const counts = async (eventTypes: string[]) =>
    (await list({ filter: { ...filter, eventTypes } })).deadLetters.length;
  assert.equal(await counts(['server.*']), 5);
  assert.equal(await counts(['server.*.completed']), 1);
  assert.equal(await counts(['*']), 5);
  assert.equal((await list({ filter: { ...filter, subjects: ['srv_2'] } })).deadLetters.length, 0);
  assert.equal((await list({ filter }, 'b')).deadLetters.length, 0);
});

test('one dead letter comes with its attempts; another tenant’s is not there (P5)', async () => {
  const id = await world.die(await world.subscribe());
  const get = (letter?: string) =>
    call<GetDeadLetterRequest, GetDeadLetterResponse>(
      client.getDeadLetter,
      GetDeadLetterRequest.create({ id }),
      letter,
    );
  const { deadLetter, attempts, event } = await get();
  assert.equal(deadLetter?.id, id);
  assert.equal(attempts[0]?.outcome, Outcome.OUTCOME_HTTP_ERROR);
  assert.equal(event, undefined);
  await assert.rejects(get('b'), { code: status.NOT_FOUND });
});

test('a token of another question and a bad pattern are refused by field; a publisher may not read', async () => {
  const subscriptionId = await world.subscribe();
  await world.die(subscriptionId);
  await world.die(subscriptionId);
  const filter = { subscriptionIds: [subscriptionId] };
  const { nextPageToken: pageToken } = await list({ pageSize: 1, filter });
  const fieldOf = (error: unknown) => readFieldViolations(error)[0]?.field;
  await assert.rejects(list({ pageToken }), (error) => fieldOf(error) === 'page_token');
  await assert.rejects(list({ pageToken: 'garbage' }), (error) => fieldOf(error) === 'page_token');
  await assert.rejects(
    list({ filter: { eventTypes: ['server.>'] } }),
    (error) => fieldOf(error) === 'filter.event_types[0]',
  );
  await assert.rejects(list({}, 'c'), { code: status.PERMISSION_DENIED });
  await assert.rejects(list({}, 'd'), { code: status.UNAUTHENTICATED });
});

test('rejected messages are listed by pages, also when their payloads fill a page', async () => {
  const payload = Buffer.alloc(200_000, 'x');
  await insertRejected(
    world.database.pool,
    Array.from({ length: 15 }, (_, index) => ({
      dedupeKey: `key-${index}`,
      tenant: 'default',
      host: 'node-1',
      channel: 'nats' as const,
      subject: 'hv.default.node-1.server.started',
      headers: { 'Nats-Msg-Id': `source-${index}`, Authorization: 'Bearer secret' },
      code: 'invalid_json',
      reason: 'the message is not JSON',
      payload,
    })),
  );
  const rejected = (given: Partial<ListRejectedRequest>, letter?: string) =>
    call<ListRejectedRequest, ListRejectedResponse>(
      client.listRejected,
      { ...ListRejectedRequest.create(), ...given },
      letter,
    );
  const first = await rejected({});
  assert.equal(first.rejectedMessages.length, 10);
  const second = await rejected({ pageToken: first.nextPageToken });
  assert.equal(second.rejectedMessages.length, 5);
  assert.equal(second.nextPageToken, '');
  const ids = [...first.rejectedMessages, ...second.rejectedMessages].map(({ id }) => id);
  assert.equal(new Set(ids).size, 15);
  const [one] = first.rejectedMessages;
  assert.deepEqual(one?.payload, payload);
  assert.match(one?.sourceId ?? '', /^source-/);
  assert.deepEqual(Object.keys(one?.headers ?? {}), ['Nats-Msg-Id']);
  assert.equal((await rejected({ omitPayload: true })).rejectedMessages.length, 15);
  assert.equal((await rejected({}, 'b')).rejectedMessages.length, 0);
});
