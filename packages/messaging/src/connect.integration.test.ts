import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, freePort, startTestNats } from '@hookline/testing';
import { connectNats } from './connect.ts';
import { collectLogs } from './nats-fixture.ts';

test('waiting for a server says which, and how to mend it, and can be called off', async () => {
  const port = await freePort();
  const logger = collectLogs();
  const abort = new AbortController();
  const url = `nats://user:hidden@127.0.0.1:${port}`;
  const connecting = connectNats({ url, name: 'test', logger, signal: abort.signal });
  await eventually(() => assert.equal(logger.lines.length, 1));
  assert.match(
    logger.lines[0] ?? '',
    /waiting for NATS at nats:\/\/\*\*\*@127.0.0.1:\d+: .*HOOKLINE_NATS_URL/,
  );
  assert.doesNotMatch(logger.lines.join(), /hidden/);
  abort.abort(new Error('enough'));
  await assert.rejects(connecting, /enough/);
});

test('refused credentials are named, and taken once they are right', async () => {
  await using server = await startTestNats();
  const logger = collectLogs();
  const abort = new AbortController();
  const connecting = connectNats({ url: server.url, name: 'test', logger, signal: abort.signal });
  await eventually(() => assert.match(logger.lines[0] ?? '', /HOOKLINE_NATS_CREDS/));
  abort.abort(new Error('enough'));
  await assert.rejects(connecting, /enough/);
  const nats = await connectNats({
    url: server.url,
    creds: server.servicesCreds,
    name: 'test',
    logger,
  });
  assert.equal(nats.isConnected(), true);
  await nats.close();
  assert.equal(nats.isConnected(), false);
  await nats.close();
});

test('a credentials file that is not there is named', async () => {
  await using server = await startTestNats();
  const logger = collectLogs();
  const abort = new AbortController();
  const connecting = connectNats({
    url: server.url,
    credsPath: '/nowhere/services.creds',
    name: 'test',
    logger,
    signal: abort.signal,
  });
  await eventually(() =>
    assert.match(logger.lines[0] ?? '', /\/nowhere\/services\.creds is not there/),
  );
  abort.abort(new Error('enough'));
  await assert.rejects(connecting, /enough/);
});

test('the connection outlives a server killed with -9 and away for more than ten attempts', async () => {
  await using server = await startTestNats();
  const logger = collectLogs();
  const nats = await connectNats({
    url: server.url,
    creds: server.servicesCreds,
    name: 'test',
    logger,
  });
  let reconnects = 0;
  nats.onReconnect(() => {
    reconnects += 1;
  });
  await server.kill9();
  await eventually(() => assert.equal(nats.isConnected(), false));
  let attempts = 0;
  const count = async (): Promise<void> => {
    for await (const status of nats.connection.status())
      if (status.type === 'reconnecting') attempts += 1;
  };
  void count();
  await eventually(() => assert.ok(attempts > 11), { timeoutMs: 15_000 });
  await server.restart();
  await eventually(() => assert.equal(reconnects, 1), { timeoutMs: 10_000 });
  await nats.close();
});

test('closing ends although the server went away in that moment', async () => {
  await using server = await startTestNats();
  const logger = collectLogs();
  const nats = await connectNats({
    url: server.url,
    creds: server.servicesCreds,
    name: 'test',
    logger,
  });
  const killed = server.kill9();
  await nats.close();
  assert.equal(nats.connection.isClosed(), true);
  await killed;
});
