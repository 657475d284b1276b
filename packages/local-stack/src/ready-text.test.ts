import assert from 'node:assert/strict';
import { test } from 'node:test';
import { envToConfig } from './config.ts';
import type { Endpoints } from './endpoints.ts';
import { readyText } from './ready-text.ts';

const endpoints: Endpoints = {
  tenant: 'default',
  apiKey: 'hk_admin',
  publisherKey: 'hk_publisher',
  http: 'http://127.0.0.1:8080',
  ingest: 'http://127.0.0.1:8081',
  grpc: { subscriptions: 'a:1', ingest: 'a:2', deliveries: 'a:3', deadLetters: 'a:4' },
  nats: 'nats://127.0.0.1:4222',
  natsCreds: '/srv/hookline/.hookline/nats/default.node-1.creds',
  natsInboxPrefix: '_INBOX_default_node-1',
  postgres: 'postgres://hookline:secret@127.0.0.1:5433/hookline',
  pids: {
    'producer-gateway': 1,
    'subscription-service': 2,
    dispatcher: 3,
    'dead-letter-monitor': 4,
    console: 5,
    postgres: 6,
    nats: 7,
  },
};

const options = { workingDir: '/srv/hookline', showKeys: true };

test('what a terminal shows when the stack is ready can be pasted as it is', () => {
  const config = envToConfig({ HOOKLINE_DATA_DIR: '/srv/hookline/.hookline' });
  const text = readyText(config, endpoints, options);
  assert.match(text, /^hookline is ready\n/);
  assert.match(
    text,
    /curl -X POST http:\/\/127\.0\.0\.1:8080\/v1\/webhooks \\\n.*Bearer hk_admin'/,
  );
  assert.match(
    text,
    /curl -X POST http:\/\/127\.0\.0\.1:8081\/ingest\/events \\\n.*Bearer hk_publisher'/,
  );
  assert.match(text, / \.hookline\/endpoints\.json/);
  assert.match(text, /127\.0\.0\.0\/8,::1\/128/);
  assert.doesNotMatch(text, /secret@|\$\(/);
});

test('what is not shown on a terminal holds no key: the commands read them', () => {
  const config = envToConfig({ HOOKLINE_DATA_DIR: "/srv/it's" });
  const text = readyText(config, endpoints, { ...options, showKeys: false });
  assert.doesNotMatch(text, /hk_/);
  for (const key of ['apiKey', 'publisherKey']) {
    const reads = `node -p 'require("/srv/it'\\''s/endpoints.json").${key}'`;
    assert.ok(text.includes(`-H "Authorization: Bearer $(${reads})" \\\n`), text);
  }
});

test('a data folder elsewhere is named in full', () => {
  const config = envToConfig({ HOOKLINE_DATA_DIR: '/var/hookline' });
  assert.match(readyText(config, endpoints, options), / \/var\/hookline\/endpoints\.json/);
});
