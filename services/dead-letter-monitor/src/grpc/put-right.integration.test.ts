import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  DeadLetterSelection,
  DeadLetterServiceService,
  DeadLetterState,
  DiscardDeadLettersRequest,
  GetDeadLetterRequest,
  ListIncidentsRequest,
  newId,
  RedriveDeadLettersRequest,
  ReplayState,
  ResubmitRejectedRequest,
  type ResubmitReply,
  readFieldViolations,
} from '@hookline/contracts';
import type { Reply } from '@hookline/messaging';
import { createGrpcClient, createGrpcServer, type GrpcClient } from '@hookline/service-runtime';
import { openTestMonitor } from '../test-monitor.ts';
import { createDeadLetterService } from './dead-letter-service.ts';

const keyOf = (letter: string) => `hk_${letter.repeat(43)}`;
const callers = new Map([
  [keyOf('a'), { tenant: 'default', keyId: 'key_1', role: 'editor' } as const],
  [keyOf('b'), { tenant: 'other', keyId: 'key_2', role: 'editor' } as const],
]);
const own = { apiKey: keyOf('a') };
const stranger = { apiKey: keyOf('b') };

let world: Awaited<ReturnType<typeof openTestMonitor>>;
let server: ReturnType<typeof createGrpcServer>;
let client: GrpcClient<typeof DeadLetterServiceService>;
let reply: Reply = { kind: 'nobody' };

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
        askForResubmit: async () => reply,
      }),
    ],
    authenticate: async (key) => callers.get(key),
    logger: world.logger,
  });
  await server.start();
  const address = `127.0.0.1:${server.port()}`;
  client = createGrpcClient(DeadLetterServiceService, { address });
});
after(async () => {
  client?.close();
  await server?.stop();
  await world[Symbol.asyncDispose]();
});

const byIds = (...ids: string[]) =>
  DeadLetterSelection.fromPartial({ selection: { $case: 'ids', value: { ids } } });
const byFilter = (subscriptionId: string) =>
  DeadLetterSelection.fromPartial({
    selection: { $case: 'filter', value: { subscriptionIds: [subscriptionId] } },
  });
const redrive = (given: Partial<RedriveDeadLettersRequest>, as = own) =>
  client.redriveDeadLetters({ ...RedriveDeadLettersRequest.create(), ...given }, as);
const discard = (given: Partial<DiscardDeadLettersRequest>, as = own) =>
  client.discardDeadLetters({ ...DiscardDeadLettersRequest.create(), ...given }, as);
const fieldOf = (error: unknown) => readFieldViolations(error)[0]?.field;

async function audited(): Promise<{ type: string; stream: string }[]> {
  const { rows } = await world.database.pool.query(
    `SELECT type, stream FROM hookline.event_log WHERE kind = 'aggregate' AND stream LIKE 'dead-letters:%'
     ORDER BY position`,
  );
  return rows;
}

test('a redrive is a queued job over what is open, on record, and the same for the same request_id', async () => {
  const id = await world.subscribe();
  const letters = [await world.die(id), await world.die(id), await world.die(id)];
  const asked = { selection: byFilter(id), description: 'mended', requestId: 'once' };
  const { replay } = await redrive({ ...asked, deliveriesPerSecond: 5 });
  assert.equal(replay?.state, ReplayState.REPLAY_STATE_QUEUED);
  assert.equal(replay?.progress?.totalCount, BigInt(letters.length));
  assert.ok(replay?.source?.$case === 'deadLetters');
  const again = await redrive({ ...asked, deliveriesPerSecond: 5 });
  assert.deepEqual(again.replay, replay);
  await assert.rejects(redrive(asked), { code: status.ALREADY_EXISTS });
  const { rows } = await world.database.pool.query('SELECT replay_id FROM hookline.replay');
  assert.deepEqual(rows, [{ replay_id: replay?.id }]);
  const acts = await audited();
  assert.deepEqual(acts, [{ type: 'DeadLettersRedriven', stream: `dead-letters:${replay?.id}` }]);
});

test('unknown ids, another tenant’s, a deleted subscription and bad fields are refused, and nothing is touched (P5)', async () => {
  const id = await world.subscribe();
  const letter = await world.die(id);
  const before = (await audited()).length;
  for (const selection of [byIds(letter, newId('dlv')), byIds('nonsense')]) {
    await assert.rejects(redrive({ selection }), { code: status.NOT_FOUND });
    await assert.rejects(discard({ selection, reason: 'x' }), { code: status.NOT_FOUND });
  }
  await assert.rejects(redrive({ selection: byIds(letter) }, stranger), {
    code: status.NOT_FOUND,
  });
  await assert.rejects(redrive({}), (error) => fieldOf(error) === 'selection');
  await assert.rejects(
    redrive({ selection: byIds() }),
    (error) => fieldOf(error) === 'selection.ids.ids',
  );
  await assert.rejects(
    redrive({ selection: byIds(letter), deliveriesPerSecond: 0 }),
    (error) => fieldOf(error) === 'deliveries_per_second',
  );
  await assert.rejects(
    discard({ selection: byIds(letter) }),
    (error) => fieldOf(error) === 'reason',
  );
  await world.store.delete({ tenant: 'default', subscriptionId: id, actor: 'test' });
  await assert.rejects(redrive({ selection: byIds(letter) }), {
    code: status.FAILED_PRECONDITION,
  });
  const left = await redrive({ selection: byFilter(id) });
  assert.equal(left.replay?.progress?.totalCount, 0n, 'a filter leaves such out');
  assert.equal((await audited()).length, before + 1);
});

test('a discard closes what is open, with its reason; by id it can be redriven after all', async () => {
  const id = await world.subscribe();
  const [first, second] = [await world.die(id), await world.die(id)];
  const { discardedCount } = await discard({ selection: byIds(first), reason: 'a test' });
  assert.equal(discardedCount, 1n);
  const again = await discard({ selection: byFilter(id), reason: 'the rest' });
  assert.equal(again.discardedCount, 1n, 'those already closed do not count');
  const show = async (letter: string) =>
    (await client.getDeadLetter(GetDeadLetterRequest.create({ id: letter }), own)).deadLetter;
  const shown = await show(first);
  assert.equal(shown?.state, DeadLetterState.DEAD_LETTER_STATE_DISCARDED);
  assert.equal(shown?.discardReason, 'a test');
  assert.equal((await show(second))?.discardReason, 'the rest');
  const { replay } = await redrive({ selection: byIds(first, second) });
  assert.equal(replay?.progress?.totalCount, 2n);
});

test('incidents are listed by pages of one tenant, with who was told; one names its dead letters (P5)', async () => {
  const ids = [await world.subscribe(), await world.subscribe(), await world.subscribe()];
  for (const id of ids) await world.die(id);
  const mails: unknown[] = [];
  const monitor = world.monitor(async (mail) => void mails.push(mail));
  await monitor.start();
  await world.told(ids).finally(() => monitor.stop());
  const list = (given: Partial<ListIncidentsRequest>, as = own) =>
    client.listIncidents({ ...ListIncidentsRequest.create(), ...given }, as);
  const [one] = (await list({ subscriptionId: ids[0] as string })).incidents;
  assert.equal(one?.cause, 'http_500');
  assert.deepEqual(
    one?.notifications.map(({ recipient, channel }) => [recipient, channel]),
    [['ops@example.com', 'email']],
  );
  const found: string[] = [];
  let pageToken = '';
  do {
    const page = await list({ pageSize: 2, pageToken });
    found.push(...page.incidents.map(({ subscriptionId }) => subscriptionId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  for (const id of ids) assert.equal(found.filter((each) => each === id).length, 1);
  assert.equal((await list({}, stranger)).incidents.length, 0);
  const { discardedCount } = await discard({
    selection: DeadLetterSelection.fromPartial({
      selection: { $case: 'filter', value: { incidentId: one?.id ?? '' } },
    }),
    reason: 'by incident',
  });
  assert.equal(discardedCount, 1n);
});

test('what a gateway says of a message that is put in again is told as the contract has it', async () => {
  const id = newId('rej');
  const resubmit = (given: Partial<ResubmitRejectedRequest> = {}) =>
    client.resubmitRejected({ ...ResubmitRejectedRequest.create(), id, ...given }, own);
  const answer = (text: ResubmitReply) => {
    reply = { kind: 'answered', text: JSON.stringify(text) };
  };
  await assert.rejects(resubmit({ id: 'nonsense' }), { code: status.NOT_FOUND });
  await assert.rejects(resubmit(), { code: status.UNAVAILABLE });
  reply = { kind: 'late' };
  await assert.rejects(resubmit(), { code: status.UNAVAILABLE });
  answer({ kind: 'not_found' });
  await assert.rejects(resubmit(), { code: status.NOT_FOUND });
  answer({ kind: 'refused', reason: 'the message was put in before' });
  await assert.rejects(resubmit(), { code: status.FAILED_PRECONDITION });
  answer({ kind: 'busy', reason: 'too many', retryAfterMs: 500 });
  await assert.rejects(resubmit(), { code: status.RESOURCE_EXHAUSTED });
  answer({ kind: 'invalid', code: 'invalid_json', field: '', reason: 'not JSON' });
  await assert.rejects(resubmit(), (error) => fieldOf(error) === 'payload');
  await assert.rejects(
    resubmit({ payload: 'x'.repeat(256 * 1024 + 1) }),
    (error) => fieldOf(error) === 'payload',
  );
  answer({ kind: 'accepted', eventId: 'evt_1', position: '7', duplicate: true });
  const { acceptance } = await resubmit();
  assert.deepEqual(acceptance, { eventId: 'evt_1', position: 7n, duplicate: true });
});
