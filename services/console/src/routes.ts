import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from './grpc-clients.ts';
import { registerLive } from './live/live-route.ts';
import { registerOpenApi } from './openapi/openapi-route.ts';
import { registerOverview } from './overview/overview-route.ts';
import type { PageFiles } from './page/page-files.ts';
import { registerPage } from './page/page-routes.ts';
import { registerFormats } from './playground/formats-route.ts';
import { registerPlayground } from './playground/playground-route.ts';
import { limitStrangers } from './rate-limit/limit-strangers.ts';
import { sendRateLimit } from './rate-limit/rate-limit-headers.ts';
import { registerAgentRoutes } from './rest/agent-routes.ts';
import { registerAuditRoutes } from './rest/audit-routes.ts';
import { registerDeadLetterRoutes } from './rest/dead-letter-routes.ts';
import { registerDeliveryRoutes } from './rest/delivery-routes.ts';
import { registerEventRoutes } from './rest/event-routes.ts';
import { registerIncidentRoutes } from './rest/incident-routes.ts';
import { registerKeyRoutes } from './rest/key-routes.ts';
import { registerRejectedRoutes } from './rest/rejected-routes.ts';
import { registerReplayRoutes } from './rest/replay-routes.ts';
import { registerTenantRoutes } from './rest/tenant-routes.ts';
import { registerWebhookActions } from './rest/webhook-action-routes.ts';
import { registerWebhookRoutes } from './rest/webhook-routes.ts';
import { acceptSessions } from './session/accept-session.ts';
import type { SessionSealer } from './session/sealed-session.ts';
import { registerSession } from './session/session-routes.ts';

export interface RouteSettings {
  /** HOOKLINE_REQUESTS_PER_SECOND; a tenth of it is for what comes without a valid key. */
  readonly requestsPerSecond: number;
  readonly sessions: SessionSealer;
  readonly pageFiles: PageFiles;
}

/** Everything that the console answers. */
export function registerRoutes(
  app: FastifyInstance,
  clients: GrpcClients,
  { requestsPerSecond, sessions, pageFiles }: RouteSettings,
): void {
  acceptSessions(app, sessions);
  limitStrangers(app, { requestsPerSecond: requestsPerSecond / 10 });
  app.addHook('onSend', async (request, reply) => {
    // Answers of the API hold what a key may see, a new secret among it.
    if (!/^\/(v1|console)\//.test(request.url)) return;
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    sendRateLimit(request, reply);
  });
  app.addHook('preValidation', async (request) => {
    const { described } = request.routeOptions.config;
    // Fastify leaves the body undefined when there is none; schemas check objects.
    const mayBeAbsent = described?.bodyOptional || described?.body === undefined;
    if (described !== undefined && request.body === undefined && mayBeAbsent) request.body = {};
  });
  registerOpenApi(app);
  registerWebhookRoutes(app, clients);
  registerWebhookActions(app, clients);
  registerDeliveryRoutes(app, clients);
  registerEventRoutes(app, clients);
  registerReplayRoutes(app, clients);
  registerDeadLetterRoutes(app, clients);
  registerRejectedRoutes(app, clients);
  registerIncidentRoutes(app, clients);
  registerTenantRoutes(app, clients);
  registerKeyRoutes(app, clients);
  registerAgentRoutes(app, clients);
  registerAuditRoutes(app, clients);
  registerSession(app, { clients, sealer: sessions });
  registerOverview(app, clients);
  registerLive(app, clients);
  registerPlayground(app, clients);
  registerFormats(app);
  registerPage(app, pageFiles);
}
