// biome-ignore-all lint/suspicious/noConsole: an example, run by hand.
/**
 * Receives webhooks with Fastify.
 * Run it with: WEBHOOK_SECRET=your_webhook_secret npx pnpm exec node docs/examples/receive-fastify.mjs
 */
import { answerWebhook, BODY_BYTES_MAX, createReceiver, createSeenIds } from '@hookline/receiver';
import fastify from 'fastify';

const receiver = createReceiver({ secret: process.env.WEBHOOK_SECRET });
const seenIds = createSeenIds();

const app = fastify({ bodyLimit: BODY_BYTES_MAX });
app.register(async (webhooks) => {
  // The bytes as they came, for the routes of this plugin only.
  webhooks.removeAllContentTypeParsers();
  webhooks.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request, body) => body);
  webhooks.post('/webhooks', async ({ headers, body }, reply) => {
    const answer = await answerWebhook(
      { headers, body: body ?? '' },
      { receiver, seenIds, handle: ({ event }) => console.log(`${event.type} ${event.subject}`) },
    );
    if (answer.error) console.error(answer.error.message);
    return reply.status(answer.status).send(answer.message);
  });
});

const url = await app.listen({ port: Number(process.env.PORT ?? 9000), host: '127.0.0.1' });
console.log(`waiting on ${url}/webhooks`);
