// biome-ignore-all lint/suspicious/noConsole: an example, run by hand.
/**
 * Publishes one event as the agent of host node-1 and waits for its confirmation.
 * Run it with: npx pnpm exec node docs/examples/publish.mjs
 */
import { readFileSync } from 'node:fs';
import { connect, credsAuthenticator, headers } from '@nats-io/transport-node';

const folder = process.env.HOOKLINE_DATA_DIR ?? '.hookline';
const { nats, natsCreds, natsInboxPrefix } = JSON.parse(readFileSync(`${folder}/endpoints.json`));

const connection = await connect({
  servers: nats,
  authenticator: credsAuthenticator(readFileSync(natsCreds)),
  inboxPrefix: natsInboxPrefix,
});
const inbox = `${natsInboxPrefix}.confirmations`;
const confirmations = connection.subscribe(inbox, { max: 1, timeout: 10_000 });

const envelope = headers();
envelope.set('Nats-Msg-Id', 'node-1-boot-0001'); // the source id: a repeat of it makes no second event
envelope.set('Hookline-Confirm-To', inbox); // answered after the event is committed
connection.publish(
  'hv.default.node-1.server.started',
  '{"server_id":"srv_abc123","name":"production-web-01","status":"running","ip":"192.168.1.100"}',
  { headers: envelope },
);

for await (const confirmation of confirmations) console.log(confirmation.string());
await connection.drain();
