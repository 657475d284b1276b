import { join, relative } from 'node:path';
import type { LocalStackConfig } from './config.ts';
import type { Endpoints } from './endpoints.ts';

export interface ReadyTextOptions {
  /** Paths below it are shown relative to it. */
  readonly workingDir: string;
  /** False where what is printed may be kept, in a log for instance: the commands then read the keys themselves. */
  readonly showKeys: boolean;
}

/** What a newcomer reads once the stack is up: where everything is, and three commands to paste. */
export function readyText(
  config: LocalStackConfig,
  endpoints: Endpoints,
  { workingDir, showKeys }: ReadyTextOptions,
): string {
  const { dataDir, allowSubnets, allowSubnetsByDefault } = config;
  const bearer = (key: 'apiKey' | 'publisherKey') =>
    showKeys
      ? `'Authorization: Bearer ${endpoints[key]}'`
      : `"Authorization: Bearer $(${readsKey(dataDir, key)})"`;
  const near = relative(workingDir, dataDir);
  const shown = near === '' || near.startsWith('..') ? dataDir : near;
  const subnets = allowSubnetsByDefault
    ? `receivers on this machine are allowed (${allowSubnets}); for a private network set HOOKLINE_ALLOW_SUBNETS`
    : `besides public addresses, receivers in ${allowSubnets} are allowed (HOOKLINE_ALLOW_SUBNETS)`;
  return `hookline is ready

  console, REST   ${endpoints.http}
  ingest (HTTP)   ${endpoints.ingest}
  gRPC            subscriptions ${endpoints.grpc.subscriptions}, ingest ${endpoints.grpc.ingest},
                  deliveries ${endpoints.grpc.deliveries}, dead letters ${endpoints.grpc.deadLetters}
  NATS            ${endpoints.nats}${endpoints.natsCreds === null ? '' : `  (agent credentials: ${shownPath(endpoints.natsCreds, workingDir)})`}
  keys, URLs      ${shown}/endpoints.json
  logs            ${shown}/log/
  network         ${subnets}

Try it. In another terminal, a receiver that prints what arrives:

  node -e 'require("http").createServer((q,s)=>{let b="";q.on("data",d=>b+=d).on("end",()=>{console.log(q.headers,b);s.end()})}).listen(9000)'

Register it as a webhook:

  curl -X POST ${endpoints.http}/v1/webhooks \\
    -H ${bearer('apiKey')} \\
    -H 'Content-Type: application/json' \\
    -d '{"url":"http://127.0.0.1:9000/","events":["server.*"]}'

Publish an event:

  curl -X POST ${endpoints.ingest}/ingest/events \\
    -H ${bearer('publisherKey')} \\
    -H 'Content-Type: application/json' \\
    -d '{"type":"server.started","data":{"server_id":"srv_abc123","name":"production-web-01","status":"running"}}'

Or see it all at once: npx pnpm demo. Ctrl-C stops the stack; its data stay in ${shown}.`;
}

/** A shell command that prints one of the keys in endpoints.json. */
function readsKey(dataDir: string, key: string): string {
  const script = `require(${JSON.stringify(join(dataDir, 'endpoints.json'))}).${key}`;
  return `node -p '${script.replaceAll("'", `'\\''`)}'`;
}

function shownPath(path: string, workingDir: string): string {
  const near = relative(workingDir, path);
  return near.startsWith('..') ? path : near;
}
