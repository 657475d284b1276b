/**
 * The sample receiver of docker-compose.yml: registers a webhook for itself, verifies and prints what
 * comes, and shows on GET / how much was good, with the ids of the latest events.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerWebhook, createReceiver, createSeenIds, readRawBody } from '@hookline/receiver';
import { stopSignal } from './stop-signal.ts';
import { openWebhook } from './webhook.ts';

const PORT = 9000;
/** Older ids are forgotten. */
const IDS_SHOWN_MAX = 20_000;

const { apiKey } = JSON.parse(readFileSync('/etc/hookline/endpoints.json', 'utf8'));
const { id, secret } = await openWebhook({
  hookline: process.env.HOOKLINE_URL ?? 'http://console:8080',
  apiKey,
  url: `http://demo-receiver:${PORT}/webhooks`,
  file: '/var/lib/hookline/demo/webhook.json',
});

const receiver = createReceiver({ secret });
const seenIds = createSeenIds();
const eventIds: string[] = [];
let verified = 0;
let refused = 0;

async function takeWebhook(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await answerWebhook(
    readRawBody(request).then((body) => ({ headers: request.headers, body })),
    {
      receiver,
      seenIds,
      handle: ({ event }) => {
        verified += 1;
        eventIds.push(event.id);
        if (eventIds.length > IDS_SHOWN_MAX) eventIds.shift();
        console.log(`verified ${event.type} ${event.id}`);
      },
    },
  );
  if (answer.kind === 'refused') {
    refused += 1;
    console.error(`refused: ${answer.error.message}`);
  }
  response.writeHead(answer.status).end(answer.message);
}

const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/webhooks') {
    takeWebhook(request, response).catch(() => response.destroy());
  } else if (request.method === 'GET' && request.url === '/') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ webhook: id, verified, refused, eventIds }));
  } else {
    response.writeHead(404).end();
  }
});
server.listen(PORT, '0.0.0.0', () => console.log(`waiting for webhooks of ${id}`));
stopSignal().addEventListener('abort', () => {
  server.close();
  server.closeAllConnections();
});
