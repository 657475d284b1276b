import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from './grpc-clients.ts';
import { registerPage } from './page/page-routes.ts';
import { registerDeliveryRoutes } from './rest/delivery-routes.ts';
import { registerWebhookRoutes } from './rest/webhook-routes.ts';

/** Everything that the console answers. */
export function registerRoutes(app: FastifyInstance, clients: GrpcClients): void {
  app.addHook('onSend', async (request, reply) => {
    // Answers of the API hold what a key may see, a new secret among it.
    if (request.url.startsWith('/v1/')) void reply.header('cache-control', 'no-store');
  });
  registerWebhookRoutes(app, clients);
  registerDeliveryRoutes(app, clients);
  registerPage(app);
}
