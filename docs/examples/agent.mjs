// biome-ignore-all lint/suspicious/noConsole: an example, run by hand.
/**
 * An agent of host node-1: it says now and then that it is there, and tells of a server that starts.
 * Run it with: npx pnpm exec node docs/examples/agent.mjs
 */
import { readFileSync } from 'node:fs';
import { connectAgent } from '@hookline/agent';

const folder = process.env.HOOKLINE_DATA_DIR ?? '.hookline';
const { nats, natsCreds } = JSON.parse(readFileSync(`${folder}/endpoints.json`));

const agent = await connectAgent({
  servers: nats,
  credsPath: natsCreds,
  heartbeat: { everyMs: 30_000 },
  onConnection: (change) => console.log(change),
});

const outcome = await agent.publish({
  type: 'server.started',
  data: { server_id: 'srv_abc123', name: 'production-web-01', status: 'running' },
  id: 'node-1-boot-0002', // a repeat of it makes no second event
});
console.log(outcome);

const unconfirmed = await agent.close();
if (unconfirmed.length > 0) console.error('not confirmed:', unconfirmed);
