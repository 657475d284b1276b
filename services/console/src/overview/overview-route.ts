import { DeliveryServiceService, durationFromMs } from '@hookline/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { present } from '../rest/present.ts';
import { toOverviewJson } from './overview-json.ts';

const WINDOWS = { hour: 3_600_000, day: 86_400_000 } as const;
export type OverviewWindow = keyof typeof WINDOWS;

const querystring = {
  type: 'object',
  additionalProperties: false,
  properties: { window: { type: 'string', enum: Object.keys(WINDOWS) } },
} as const;

/** The figures of one's tenant. */
export async function readOverview(
  { deliveries }: GrpcClients,
  request: FastifyRequest,
  window: OverviewWindow = 'hour',
) {
  const asked = { window: durationFromMs(WINDOWS[window]) };
  const answer = await deliveries.call(request, DeliveryServiceService.getOverview, asked);
  return toOverviewJson(present(answer.overview, 'an overview'));
}

/** `GET /console/overview?window=hour|day`. */
export function registerOverview(app: FastifyInstance, clients: GrpcClients): void {
  app.get<{ Querystring: { window?: OverviewWindow } }>(
    '/console/overview',
    { config: { keyed: true }, schema: { querystring } },
    (request) => readOverview(clients, request, request.query.window),
  );
}
