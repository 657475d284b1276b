import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  durationFromMs,
  GetOverviewRequest,
  GrpcEvent,
  GrpcPhase,
  Outcome,
  Subscription,
  TryWebhookRequest,
} from '@hookline/contracts';
import { fromGrpcError } from '@hookline/service-runtime';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

const DATA = '{"b": 1e2, "a":1}';
const SECRET = 'your_webhook_secret';

let world: TestDispatchers;
let receiver: Receiver;
before(async () => {
  world = await startTestDispatchers();
  await world.startDispatcher();
  receiver = await startReceiver();
});
after(async () => {
  await world?.[Symbol.asyncDispose]();
  await receiver?.stop();
});

const overview = async (windowMs?: number) => {
  const asked = GetOverviewRequest.create(
    windowMs === undefined ? {} : { window: durationFromMs(windowMs) },
  );
  const answer = await world.client().getOverview(asked, world.asAdmin);
  assert.ok(answer.overview);
  return answer.overview;
};

interface Asked {
  readonly subscription?: Partial<Subscription>;
  readonly event?: Partial<GrpcEvent>;
  readonly send?: boolean;
}

const tryWebhook = ({ subscription, event, send }: Asked) =>
  world.client().tryWebhook(
    TryWebhookRequest.fromPartial({
      subscription: Subscription.fromPartial({ secret: SECRET, ...subscription }),
      event: GrpcEvent.fromPartial({ type: 'server.started', data: DATA, ...event }),
      send: send ?? false,
    }),
    world.asAdmin,
  );

async function trialsOnRecord(): Promise<number> {
  const { rows } = await world.database.pool.query<{ readonly count: bigint }>(
    `SELECT count(*) AS count FROM hookline.event_log WHERE type = 'TrialSent'`,
  );
  return Number(rows[0]?.count);
}

async function refused(asked: Asked) {
  const error = await tryWebhook(asked).then(
    () => assert.fail('it was not refused'),
    (caught: unknown) => fromGrpcError(caught),
  );
  return { code: error?.code, fields: error?.fields.map(({ field }) => field) };
}

test('the overview counts what was accepted and how its attempts ended', async () => {
  await world.subscribe({ url: receiver.url, type: 'overview.good' });
  await world.publish('overview.good');
  await world.publish('overview.good');
  await eventually(async () => assert.equal((await overview()).attemptsCount, 2n));
  const hour = await overview();
  assert.equal(hour.eventsCount, 2n);
  assert.equal(hour.succeededCount, 2n);
  assert.equal(hour.isEstimate, false);
  assert.equal(hour.stretches.length, 60);
  assert.equal(
    hour.stretches.reduce((sum, { attemptsCount }) => sum + Number(attemptsCount), 0),
    2,
  );
  assert.ok(hour.latencyP50 && hour.latencyP99);
  const day = await overview(86_400_000);
  assert.equal(day.stretches.length, 48);
  assert.equal(day.eventsCount, 2n);
});

test('a window that is neither is refused, with what would be right', async () => {
  const error = await overview(60_000).then(
    () => assert.fail('it was not refused'),
    (caught: unknown) => fromGrpcError(caught),
  );
  assert.equal(error?.code, 'invalid_argument');
  assert.deepEqual(error?.fields[0]?.field, 'window');
});

test('a trial is the request that a subscription would send, signed with its secret', async () => {
  const made = await tryWebhook({});
  const header = (name: string) => made.headers.find((each) => each.name === name)?.value ?? '';
  const content = `${header('webhook-id')}.${header('webhook-timestamp')}.${made.body}`;
  const digest = createHmac('sha256', SECRET).update(content).digest('base64');
  assert.equal(header('webhook-signature'), `v1,${digest}`);
  assert.ok(made.body.includes(`"data":${DATA}`), 'data are as they were typed');
  assert.equal(made.attempt, undefined);
  assert.equal(receiver.requests.filter(({ path }) => path === '/trial').length, 0);
  assert.equal(await trialsOnRecord(), 0);
});

test('without a secret one is made, and a key where ed25519 signs as well', async () => {
  const made = await tryWebhook({ subscription: { secret: '', options: { signing: 'ed25519' } } });
  assert.match(made.secret, /^whsec_/);
  assert.match(made.publicKey, /^whpk_/);
});

test('a trial that is sent arrives byte for byte; who sent it where is kept, and nothing of what it said', async () => {
  const before = (await overview()).attemptsCount;
  const url = new URL('/trial', receiver.url).href;
  const made = await tryWebhook({ subscription: { url, format: 'cdhosting' }, send: true });
  assert.equal(made.attempt?.outcome, Outcome.OUTCOME_SUCCEEDED);
  const arrived = await receiver.waitFor(({ path }) => path === '/trial');
  assert.equal(arrived.body.toString(), made.body);
  for (const { name, value } of made.headers) {
    assert.equal(arrived.headers[name.toLowerCase()], value, name);
  }
  assert.equal((await overview()).attemptsCount, before);
  const [act, ...others] = await world.audited(made.attempt?.deliveryId ?? '');
  assert.deepEqual(others, []);
  assert.deepEqual(act, {
    ...{ action: 'trial.sent', actor: world.adminKeyId, tenant: 'default', reason: null },
    data: { url, format: 'cdhosting', eventType: 'server.started' },
  });
});

test('P6: a trial goes nowhere that a subscription may not', async () => {
  const url = 'http://169.254.169.254/latest/meta-data';
  assert.deepEqual(await refused({ subscription: { url }, send: true }), {
    code: 'invalid_argument',
    fields: ['subscription.url'],
  });
  assert.equal(await trialsOnRecord(), 1, 'what is refused is not on record');
});

test('what is wrong with a trial is told by its field', async () => {
  const faults = [
    [{ event: { type: 'Not a type' } }, ['event.type']],
    [{ event: { data: '[1]' } }, ['event.data']],
    [{ subscription: { format: 'nonsense' } }, ['subscription.format']],
    [{ subscription: { format: 'telegram' } }, ['subscription.options.chat_id']],
    [
      { subscription: { format: 'cdhosting' }, event: { phase: GrpcPhase.PHASE_PRE } },
      ['event.type'],
    ],
    [{ send: true }, ['subscription.url']],
  ] as const;
  for (const [asked, fields] of faults) {
    assert.deepEqual(await refused(asked), { code: 'invalid_argument', fields: [...fields] });
  }
});
