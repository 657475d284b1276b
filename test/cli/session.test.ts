import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Endpoints, findFreePortOffset, readEndpoints } from '@hookline/local-stack';
import {
  eventually,
  freePort,
  type ReceivedRequest,
  type Receiver,
  startReceiver,
  startTestNats,
  type TempDir,
  type TestNats,
  tempDir,
} from '@hookline/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { type Ran, run } from './run.ts';
import { openCli, openTerminal, ROOT, type Terminal } from './terminal.ts';

const SECRET = 'a-secret-of-the-session';

let folder: TempDir;
let dataDir: string;
let env: Record<string, string>;
let stackEnv: Record<string, string>;
let stack: Terminal;
let endpoints: Endpoints;
let receiver: Receiver;
let subscription: string;

const hookline = (...args: string[]): Promise<Ran> => run(args, { env });

/** Every time with the same folder and ports. */
async function startStack(): Promise<void> {
  const start = join(ROOT, 'packages/local-stack/src/commands/start.ts');
  stack = openTerminal([process.execPath, start], stackEnv);
  await stack.waitFor(/hookline is ready/, 100_000);
  endpoints = (await readEndpoints(dataDir)) as Endpoints;
}

async function stopStack(): Promise<void> {
  stack.type('\u0003');
  await stack.waitFor(/hookline has stopped/, 60_000);
  assert.equal(await stack.exited, 0);
}

async function publish(type: string, data: object, ...more: string[]): Promise<string> {
  const ran = await hookline('events', 'publish', type, '--data', JSON.stringify(data), ...more);
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout.trim();
}

before(async () => {
  folder = await tempDir('cli');
  dataDir = join(folder.path, 'data');
  env = { HOOKLINE_DATA_DIR: dataDir };
  const offset = String(await findFreePortOffset());
  stackEnv = { ...env, HOOKLINE_PORT_OFFSET: offset };
  await startStack();
  receiver = await startReceiver();
});
after(async () => {
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

test('help is there at every level of the terminal', async () => {
  const program = "'$0' '$1' --help && '$0' '$1' events --help && '$0' '$1' help events publish";
  await using help = openTerminal(
    [
      'bash',
      '-c',
      program.replaceAll("'", '"'),
      process.execPath,
      join(ROOT, 'packages/cli/src/main.ts'),
    ],
    env,
  );
  assert.equal(await help.exited, 0);
  for (const usage of ['<command>', 'events <command>', 'events publish <type> [options]']) {
    assert.ok(help.output().includes(`Usage: npx pnpm hookline ${usage}`), usage);
  }
});

test('in a terminal, a subscription is created and an event published; tails show both as they happen', async () => {
  await using creating = openCli(
    [
      'subscriptions',
      'create',
      receiver.url,
      '--event',
      'server.*',
      '--secret',
      SECRET,
      '--retry-delay',
      '100ms',
      '--attempts-max',
      '2',
    ],
    env,
  );
  const [, id = ''] = await creating.waitFor(/id\S* +(sub_\w+)/);
  subscription = id;
  assert.equal(await creating.exited, 0);
  assert.match(creating.output(), /warning: .*secret/, 'a short secret is warned of');
  assert.doesNotMatch(
    creating.output(),
    new RegExp(SECRET),
    'a secret that was brought is not shown',
  );

  await using attempts = openCli(['deliveries', 'tail', '--subscription', id], env);
  await using events = openCli(['events', 'tail', '--data'], env);
  await Promise.all([
    attempts.waitFor(/waiting for attempts/),
    events.waitFor(/waiting for events/),
  ]);
  await using publishing = openCli(
    [
      'events',
      'publish',
      'server.started',
      '--data',
      '{"server_id":"srv_1","n":1.0}',
      '--id',
      'boot-1',
    ],
    env,
  );
  const [eventId] = await publishing.waitFor(/evt_\w{26}/);
  assert.equal(await publishing.exited, 0);
  await attempts.waitFor(/dlv_\w{26} {2}server\.started {2}try 1 .*succeeded 200/);
  await events.waitFor(
    new RegExp(
      `${eventId} {2}server\\.started {2}srv_1 {2}success\\s+\\{"server_id":"srv_1","n":1\\.0\\}`,
    ),
  );
  attempts.type('\u0003');
  assert.equal(await attempts.exited, 130);

  assert.equal(
    await publish('server.started', { server_id: 'srv_1', n: 1 }, '--id', 'boot-1'),
    eventId,
    'a repeat makes no second event',
  );
});

test('a captured request is valid with its secret, and exactly not so otherwise', async () => {
  const [request] = (await receiver.waitFor(1)) as readonly ReceivedRequest[];
  assert.ok(request !== undefined);
  const head = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  const captured = join(folder.path, 'captured.txt');
  await writeFile(
    captured,
    `POST /webhooks HTTP/1.1\n${head.join('\n')}\n\n${request.body.toString()}`,
  );
  const verify = (...args: string[]) =>
    run(['verify', '--request', captured, ...args], { stdin: `${SECRET}\n` });
  const valid = await verify('--secret-file', '-', '--json');
  assert.equal(valid.code, 0, valid.stderr);
  assert.equal(valid.json().id, request.headers['webhook-id']);
  const wrong = await verify('--secret', 'another-secret');
  assert.deepEqual([wrong.code, /not valid \(signature_mismatch\)/.test(wrong.stdout)], [1, true]);
  const old = await verify('--secret', SECRET, '--at', '2035-01-01', '--json');
  assert.deepEqual([old.code, old.json().code], [1, 'timestamp_too_old']);
});

test('what a broken receiver does not take is a dead letter, and is found by lists', async () => {
  receiver.respondWith(500);
  const eventId = await publish('server.stopped', { server_id: 'srv_1' });
  const dead = await eventually(
    async () => {
      const ran = await hookline('dead-letters', 'list', '--subscription', subscription, '--json');
      const [letter] = ran.json().data as { id: string; cause: string; event_id: string }[];
      assert.ok(letter !== undefined);
      return letter;
    },
    { timeoutMs: 60_000, intervalMs: 200 },
  );
  assert.deepEqual([dead.cause, dead.event_id], ['attempts_exhausted', eventId]);
  receiver.respondWith(200);

  await using listing = openCli(['deliveries', 'list', '--event', eventId], env);
  await listing.waitFor(new RegExp(`${dead.id} .*server\\.stopped .*dead +2 +http_error 500`));
  assert.equal(await listing.exited, 0);
  const shown = await hookline('dead-letters', 'get', dead.id);
  assert.match(shown.stdout, /http_error 500[\s\S]*http_error 500/, 'with both attempts');
  const delivery = (await hookline('deliveries', 'get', dead.id, '--json')).json();
  assert.equal((delivery.attempts as unknown[]).length, 2);
  assert.equal((await hookline('deliveries', 'retry', dead.id)).code, 0);
  await eventually(
    async () => {
      const { state } = (await hookline('deliveries', 'get', dead.id, '--json')).json();
      assert.equal(state, 'succeeded');
    },
    { timeoutMs: 60_000 },
  );
  const audit = await hookline('audit', '--action', 'delivery.*', '--target', dead.id);
  assert.match(audit.stdout, /delivery\.retried/);
});

test('a replay is waited for with a progress bar, on a terminal alone', async () => {
  await using replaying = openCli(
    ['replays', 'create', subscription, '--from', '1h', '--wait'],
    env,
  );
  await replaying.waitFor(/rpl_\w{26} [█░]{24}/);
  await replaying.waitFor(/state\S* +completed/);
  assert.equal(await replaying.exited, 0);
  const quiet = await hookline(
    'replays',
    'create',
    subscription,
    '--from',
    '1h',
    '--wait',
    '--json',
  );
  assert.equal(quiet.code, 0, quiet.stderr);
  assert.equal(quiet.json().state, 'completed');
  const audit = await hookline('audit', '--target', String(quiet.json().id));
  assert.match(audit.stdout, /replay\.created/);
  assert.doesNotMatch(quiet.stderr, /[█░]/);
  const list = await hookline('replays', 'list', '--limit', '1');
  assert.match(list.stdout, /REPLAY .*STATE/);
  assert.match(list.stderr, /there is more: --page-token \S+/);
});

test('subscriptions are changed, paused, resumed, rotated, pinged and deleted', async () => {
  const json = async (...args: string[]) => {
    const ran = await hookline(...args, '--json');
    assert.equal(ran.code, 0, ran.stderr + ran.stdout);
    return ran.json();
  };
  const made = await json(
    'subscriptions',
    'create',
    receiver.url,
    '--event',
    'user.*',
    '--header',
    'X-Shop=7',
    '--description',
    'mine',
  );
  const id = String(made.id);
  assert.match(String(made.secret), /^whsec_/);
  const updated = await json(
    'subscriptions',
    'update',
    id,
    '--event',
    'user.created',
    '--rate',
    '5',
    '--clear',
    'headers',
    '--etag',
    String(made.etag),
  );
  assert.deepEqual((updated.filter as { types: string[] }).types, ['user.created']);
  assert.deepEqual([updated.headers, updated.description, updated.secret], [{}, 'mine', undefined]);
  const stale = await hookline(
    'subscriptions',
    'update',
    id,
    '--description',
    'x',
    '--etag',
    String(made.etag),
  );
  assert.equal(stale.code, 1);
  assert.equal((await json('subscriptions', 'pause', id)).state, 'paused');
  assert.equal((await json('subscriptions', 'resume', id)).state, 'active');
  const rotated = await json('subscriptions', 'rotate-secret', id, '--overlap', '1h');
  assert.match(String(rotated.secret), /^whsec_/);
  assert.notEqual(rotated.secret, made.secret);
  const pinged = await json('subscriptions', 'ping', id);
  assert.equal((pinged.attempt as { outcome: string }).outcome, 'succeeded');
  assert.equal((await json('subscriptions', 'health', id)).state, 'active');
  const listed = await json('subscriptions', 'list', '--query', 'mine');
  assert.deepEqual(
    (listed.data as { id: string }[]).map((each) => each.id),
    [id],
  );
  assert.equal((await hookline('subscriptions', 'delete', id)).code, 0);
  assert.equal((await hookline('subscriptions', 'get', id)).code, 3);
});

test('agents, keys and tenants are made and revoked; who did it is on record', async () => {
  const creds = join(folder.path, 'node-9.creds');
  const minted = await hookline('agents', 'mint', 'node-9.example.com', '--out', creds, '--json');
  assert.equal(minted.code, 0, minted.stderr);
  assert.equal(minted.json().creds, undefined, 'they are in the file alone');
  assert.equal((await stat(creds)).mode & 0o777, 0o600);
  const again = await hookline('agents', 'mint', 'node-9.example.com', '--out', creds);
  assert.deepEqual([again.code, /--out: .* is there already/.test(again.stderr)], [2, true]);

  const asAgent = ['--nats', endpoints.nats, '--creds', creds];
  const eventId = await publish('server.paused', { server_id: 'srv_9' }, ...asAgent);
  const event = (await hookline('events', 'get', eventId, '--json')).json();
  assert.match(String(event.source), /node-9-example-com/);
  const rejected = await hookline('events', 'publish', 'hookline.own', ...asAgent);
  assert.deepEqual([rejected.code, /rejected \(/.test(rejected.stderr)], [1, true]);
  const kept = await hookline('dead-letters', 'rejected', '--host', 'node-9-example-com');
  assert.match(kept.stdout, /rej_\w+/);
  assert.equal((await hookline('agents', 'revoke', String(minted.json().id))).code, 0);
  const refused = await hookline('events', 'publish', 'server.paused', ...asAgent);
  assert.equal(refused.code, 4, refused.stderr);

  const made = (
    await hookline('keys', 'create', '--role', 'viewer', '--expires', '1d', '--json')
  ).json();
  const asViewer = (...args: string[]) => run([...args, '--api-key', String(made.secret)], { env });
  assert.equal((await asViewer('events', 'list')).code, 0);
  assert.equal((await asViewer('subscriptions', 'delete', subscription)).code, 4);
  assert.equal((await hookline('keys', 'revoke', String(made.id))).code, 0);
  const tenant = (await hookline('tenants', 'create', 'shop', '--json')).json();
  const quota = await hookline(
    'tenants',
    'update',
    String(tenant.id),
    '--subscriptions-max',
    '3',
    '--json',
  );
  assert.equal((quota.json().quotas as Record<string, number>).subscriptions_max, 3);
  assert.equal(
    (await hookline('tenants', 'delete', String(tenant.id), '--confirm-name', 'shop')).code,
    0,
  );
  const audit = await hookline('audit', '--action', 'api_key.*', '--target', String(made.id));
  assert.match(audit.stdout, /api_key\.revoked[\s\S]*api_key\.created/);
});

test('bad input ends with 2 and names the flag, also where the server finds it', async () => {
  const bad = async (...args: string[]) => {
    const { code, stderr } = await hookline(...args);
    assert.equal(code, 2, stderr);
    return stderr;
  };
  assert.match(
    await bad('subscriptions', 'create', 'ftp://a.example', '--event', 'no spaces'),
    /--endpoint: [\s\S]*--event: /,
  );
  assert.match(
    await bad(
      'subscriptions',
      'create',
      receiver.url,
      '--event',
      'a.*',
      '--header',
      'webhook-id=1',
    ),
    /^--header: .*webhook-id/,
  );
  assert.match(await bad('replays', 'create', subscription, '--from', '2101-01-01'), /^--from: /);
  assert.match(await bad('events', 'list', '--type', '>'), /^--type: /);
  assert.match(await bad('dead-letters', 'list', '--type', '>'), /^--type: /);
  assert.match(await bad('dead-letters', 'redrive'), /<ids>, --all: nothing is selected/);
  assert.match(await bad('events', 'list', '--page-token', 'x'), /^--page-token: /);
  assert.match(await bad('listen', 'http://192.0.2.1:80'), /^<forward-to>: /);
  assert.match(await bad('events', 'publish', 'Not.A.Type'), /type "Not\.A\.Type"/);
  const unreachable = await run(['events', 'list'], {
    env: { ...env, HOOKLINE_DELIVERIES_ADDRESS: '127.0.0.1:1' },
  });
  assert.deepEqual([unreachable.code, /doctor/.test(unreachable.stderr)], [5, true]);
  const stranger = await run(['events', 'list', '--api-key', `hk_${'A'.repeat(43)}`], { env });
  assert.equal(stranger.code, 4);
});

test('listen forwards signed requests, shows each answer, and goes on after a restart of the dispatcher and of the whole stack', async () => {
  const program = await startReceiver();
  try {
    await using listening = openCli(
      [
        'listen',
        program.url,
        '--event',
        'server.migrated',
        '--status',
        'success',
        '--status',
        'fail',
      ],
      env,
    );
    await listening.waitFor(/forwarding to/);
    const [, secret = ''] = await listening.waitFor(/the secret is (whsec_\S+)/);
    await publish('server.started', { server_id: 'srv_2' });
    const first = await publish(
      'server.migrated',
      { server_id: 'srv_2', n: 1.5 },
      '--status',
      'fail',
    );
    await listening.waitFor(new RegExp(`${first} {2}server\\.migrated {2}srv_2 {2}→ {2}\\S*200`));

    program.respondWith(503);
    process.kill(endpoints.pids.dispatcher as number, 'SIGKILL');
    const second = await publish('server.migrated', { server_id: 'srv_2', n: 2 });
    await listening.waitFor(/lost the server/);
    await listening.waitFor(new RegExp(`${second} .*→ {2}\\S*503`));
    assert.match(listening.output(), /the server is back/);

    program.respondWith(200);
    const { apiKey } = endpoints;
    await stopStack();
    await listening.waitFor(/(lost the server[\s\S]*){2}/);
    await startStack();
    assert.equal(endpoints.apiKey, apiKey, 'the key that listen calls with stays valid');
    const third = await publish('server.migrated', { server_id: 'srv_2', n: 3 });
    await listening.waitFor(new RegExp(`${third} .*→ {2}\\S*200`));
    // What was repeated, or sent twice, would be there before the next event is.
    const fourth = await publish('server.migrated', { server_id: 'srv_2', n: 4 });
    await listening.waitFor(new RegExp(`${fourth} .*→ {2}\\S*200`));
    assert.match(listening.output(), /(lost the server[\s\S]*the server is back[\s\S]*){2}/);

    const ids = program.requests.map(({ headers }) => headers['hookline-event-id']);
    const wanted = [first, second, third, fourth];
    assert.deepEqual(ids, wanted, 'each once, and nothing that was not asked for');
    for (const request of program.requests) await verifies(request, secret);
  } finally {
    await program.stop();
  }
});

/** That `hookline verify` finds the request valid with the secret. */
async function verifies({ headers, body }: ReceivedRequest, secret: string): Promise<void> {
  const path = join(folder.path, 'body');
  await writeFile(path, body);
  const head = Object.entries(headers).flatMap(([name, value]) => [
    '--header',
    `${name}: ${value}`,
  ]);
  const verified = await run(['verify', '--body', path, '--secret', secret, ...head]);
  assert.equal(verified.code, 0, verified.stdout);
}

test('doctor finds nothing at a sound stack, and names each planted fault with its mending', async () => {
  // The dispatcher that was killed may still be on its way.
  await eventually(
    async () => {
      const sound = await hookline('doctor');
      assert.equal(sound.code, 0, sound.stdout);
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
  await using nats = await startStrangeNats();
  const late = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString()).end('{}');
  }).listen(0, '127.0.0.1');
  const database = new pg.Client(endpoints.postgres);
  await database.connect();
  try {
    await database.query("DELETE FROM hookline.migration WHERE name >= '0014'");
    await chmod(join(dataDir, 'endpoints.json'), 0o644);
    const ran = await run(
      ['doctor', '--json', '--server', `http://127.0.0.1:${(late.address() as AddressInfo).port}`],
      {
        env: {
          ...env,
          HOOKLINE_RETENTION_DAYS: 'ninety',
          HOOKLINE_PORT_OFFSET: '-1',
          HOOKLINE_API_KEY: `hk_${'A'.repeat(43)}`,
          HOOKLINE_SUBSCRIPTIONS_ADDRESS: endpoints.grpc.subscriptions,
          HOOKLINE_INGEST_ADDRESS: endpoints.grpc.ingest,
          HOOKLINE_DELIVERIES_ADDRESS: endpoints.grpc.deliveries,
          HOOKLINE_DEAD_LETTERS_ADDRESS: `127.0.0.1:${await freePort()}`,
          HOOKLINE_POSTGRES_URL: endpoints.postgres,
          HOOKLINE_NATS_URL: nats.url,
        },
      },
    );
    assert.equal(ran.code, 1, ran.stderr);
    const checks = ran.json().checks as {
      check: string;
      state: string;
      text: string;
      mend?: string;
    }[];
    const faults = checks.filter(({ state }) => state === 'fault');
    assert.deepEqual(faults.map(({ check }) => check).sort(), [
      'API key',
      'clock',
      'configuration HOOKLINE_PORT_OFFSET',
      'configuration HOOKLINE_RETENTION_DAYS',
      'endpoints.json',
      'gRPC dead-letter monitor',
      'schema',
      ...['stream DEAD_LETTERS', 'stream EVENTS', 'stream INGEST', 'stream REJECTED'],
      'stream SUBSCRIPTIONS',
    ]);
    for (const { check, mend = '' } of faults) assert.notEqual(mend, '', check);
    assert.match(
      faults.find(({ check }) => check === 'stream REJECTED')?.text ?? '',
      /its retention, max_age is not/,
    );
    assert.match(faults.find(({ check }) => check === 'clock')?.text ?? '', /36\d\d s behind/);
  } finally {
    await database.end();
    late.close();
  }
});

/** A NATS that has not a stream but one, which somebody has made otherwise. */
async function startStrangeNats(): Promise<TestNats> {
  const nats = await startTestNats({ operatorMode: false });
  const connection = await connect({ servers: nats.url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'REJECTED', subjects: ['rejected.>'], retention: 'workqueue' });
  await connection.close();
  return nats;
}

test('Ctrl-C stops the stack, and then no Hookline is known', async () => {
  await stopStack();
  const ran = await hookline('events', 'list');
  assert.deepEqual([ran.code, /no Hookline is known/.test(ran.stderr)], [5, true]);
});
