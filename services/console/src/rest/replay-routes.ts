import { DeliveryServiceService, ListReplaysRequest, ReplayState } from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import { enumNumbers } from './enum-numbers.ts';
import { idempotencyKeyHeader, requestIdOf } from './headers.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { present } from './present.ts';
import { type ReplayInput, toReplay } from './replay-input.ts';
import { toReplayJson } from './replay-json.ts';
import { replayInputSchema, replaySchema } from './replay-schema.ts';
import { oneOf, oneOrMore } from './schema-parts.ts';

interface ReplaysQuery extends PageQuery {
  readonly webhook_id?: string;
  readonly state?: readonly string[];
}

const TAG = 'Replays';
const S = DeliveryServiceService;

/** `/v1/replays`: ranges of events delivered again, and redrives of dead letters. */
export function registerReplayRoutes(app: FastifyInstance, clients: GrpcClients): void {
  registerCreate(app, clients);
  registerReading(app, clients);
  const cancel = describeRoute({
    operationId: 'cancelReplay',
    tag: TAG,
    summary: 'Cancel a replay',
    description:
      'Stops a replay or redrive. What it handed to delivery goes on. Cancelling one that has ended changes nothing.',
    answers: { 204: { description: 'It is cancelled, or had ended.' } },
    refusals: [404],
  });
  app.delete<{ Params: { id: string } }>('/v1/replays/:id', cancel, async (request, reply) => {
    await clients.deliveries.call(request, S.cancelReplay, { id: request.params.id });
    return reply.code(204).send();
  });
}

function registerCreate(app: FastifyInstance, { deliveries }: GrpcClients): void {
  const create = describeRoute({
    operationId: 'createReplay',
    tag: TAG,
    summary: 'Deliver past events again',
    description:
      'Begins a durable job that delivers a range of past events to a webhook. Every delivery keeps its id, and so its `webhook-id`. Narrowed by `statuses`, `phases` or `subjects` without `events`, it looks at events of every type.',
    headers: idempotencyKeyHeader,
    body: replayInputSchema,
    answers: {
      201: {
        description: 'The replay, queued.',
        schema: replaySchema,
        headers: { location: 'Where its progress is.' },
      },
    },
    refusals: [404, 409],
  });
  app.post<{ Body: ReplayInput }>('/v1/replays', create, async (request, reply) => {
    const asked = { replay: toReplay(request.body), requestId: requestIdOf(request) };
    const answer = await deliveries.call(request, S.createReplay, asked);
    const replay = present(answer.replay, 'a replay');
    void reply.code(201).header('location', `/v1/replays/${replay.id}`);
    return toReplayJson(replay);
  });
}

function registerReading(app: FastifyInstance, { deliveries }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listReplays',
    tag: TAG,
    summary: 'List replays',
    description: 'Replays and redrives, the newest first.',
    query: {
      ...pageProperties,
      webhook_id: { type: 'string', maxLength: 100, description: 'Only those to this webhook.' },
      state: oneOrMore(oneOf(ReplayState, 'REPLAY_STATE_'), 'Only those in one of these states.'),
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(replaySchema) } },
  });
  app.get<{ Querystring: ReplaysQuery }>('/v1/replays', list, async (request) => {
    const { webhook_id, state } = request.query;
    const asked = ListReplaysRequest.create(toPageRequest(request.query));
    asked.subscriptionId = webhook_id ?? '';
    asked.states = enumNumbers(ReplayState, 'REPLAY_STATE_', state);
    const page = await deliveries.call(request, S.listReplays, asked);
    return toPage(page.replays.map(toReplayJson), page.nextPageToken);
  });

  const read = describeRoute({
    operationId: 'getReplay',
    tag: TAG,
    summary: 'Read a replay',
    description: 'One replay or redrive with its progress.',
    answers: { 200: { description: 'The replay.', schema: replaySchema } },
    refusals: [404],
  });
  app.get<{ Params: { id: string } }>('/v1/replays/:id', read, async (request) => {
    const answer = await deliveries.call(request, S.getReplay, { id: request.params.id });
    return toReplayJson(present(answer.replay, 'a replay'));
  });
}
