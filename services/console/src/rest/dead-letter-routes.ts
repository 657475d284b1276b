import { DeadLetterServiceService, DeadLetterState, Outcome } from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import {
  type DeadLettersQuery,
  type DiscardInput,
  type RedriveInput,
  toDeadLettersRequest,
  toDiscardRequest,
  toRedriveRequest,
} from './dead-letter-input.ts';
import { toDeadLetterJson, toDeadLetterText } from './dead-letter-json.ts';
import {
  deadLetterSchema,
  deadLetterWithHistorySchema,
  discardedSchema,
  discardSchema,
  redriveSchema,
} from './dead-letter-schema.ts';
import { describeRoute } from './describe-route.ts';
import { idempotencyKeyHeader, requestIdOf } from './headers.ts';
import { pageProperties, pageSchema, toPage } from './pages.ts';
import { present } from './present.ts';
import { toReplayJson } from './replay-json.ts';
import { replaySchema } from './replay-schema.ts';
import { about, instant, oneOf, oneOrMore } from './schema-parts.ts';

const TAG = 'Dead letters';
const S = DeadLetterServiceService;
const name = { type: 'string', maxLength: 1_000 } as const;

/** `/v1/dead-letters`: deliveries given up. */
export function registerDeadLetterRoutes(app: FastifyInstance, clients: GrpcClients): void {
  registerReading(app, clients);
  registerDiscard(app, clients);
  const redrive = describeRoute({
    operationId: 'redriveDeadLetters',
    tag: TAG,
    summary: 'Try dead letters again',
    description:
      'Begins a durable job that delivers the selected dead letters again; `GET /v1/replays/{id}` shows its progress, `DELETE` cancels it. Send `ids` or `filter`.',
    headers: idempotencyKeyHeader,
    body: redriveSchema,
    answers: {
      202: {
        description: 'The job, queued.',
        schema: replaySchema,
        headers: { location: 'Where its progress is.' },
      },
    },
    refusals: [404, 409],
  });
  app.post<{ Body: RedriveInput }>('/v1/dead-letters/redrive', redrive, async (request, reply) => {
    const asked = toRedriveRequest(request.body, requestIdOf(request));
    const answer = await clients.deadLetters.call(request, S.redriveDeadLetters, asked);
    const replay = present(answer.replay, 'a replay');
    void reply.code(202).header('location', `/v1/replays/${replay.id}`);
    return toReplayJson(replay);
  });
}

function registerDiscard(app: FastifyInstance, { deadLetters }: GrpcClients): void {
  const discard = describeRoute({
    operationId: 'discardDeadLetters',
    tag: TAG,
    summary: 'Close dead letters without delivering them',
    description:
      'Closes the selected open dead letters; by id they can still be redriven later. Send `ids` or `filter`, and the reason.',
    body: discardSchema,
    answers: { 200: { description: 'How many were closed.', schema: discardedSchema } },
    refusals: [404],
  });
  app.post<{ Body: DiscardInput }>('/v1/dead-letters/discard', discard, async (request) => {
    const asked = toDiscardRequest(request.body);
    const answer = await deadLetters.call(request, S.discardDeadLetters, asked);
    return { discarded_count: Number(answer.discardedCount) };
  });
}

function registerReading(app: FastifyInstance, { deadLetters }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listDeadLetters',
    tag: TAG,
    summary: 'List dead letters',
    description: 'Deliveries given up, the newest first; without `state`, those not yet settled.',
    query: {
      ...pageProperties,
      state: oneOrMore(oneOf(DeadLetterState, 'DEAD_LETTER_STATE_'), 'Default: open, redriving.'),
      webhook_id: oneOrMore(name, 'Only those of these webhooks.'),
      type: oneOrMore(name, 'Only those of an event of these types or patterns.'),
      subject: oneOrMore(name, 'Only those about these servers.'),
      outcome: oneOrMore(oneOf(Outcome, 'OUTCOME_'), 'Only those whose last attempt ended so.'),
      incident_id: about(name, 'Only those of this incident.'),
      from: about(instant, 'Only those that died at this time or later, RFC 3339.'),
      to: about(instant, 'Only those that died before this time, RFC 3339.'),
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(deadLetterSchema) } },
  });
  app.get<{ Querystring: DeadLettersQuery }>('/v1/dead-letters', list, async (request) => {
    const asked = toDeadLettersRequest(request.query);
    const page = await deadLetters.call(request, S.listDeadLetters, asked);
    return toPage(page.deadLetters.map(toDeadLetterJson), page.nextPageToken);
  });

  const read = describeRoute({
    operationId: 'getDeadLetter',
    tag: TAG,
    summary: 'Read a dead letter',
    description: 'One dead letter with its event and its attempts.',
    answers: { 200: { description: 'The dead letter.', schema: deadLetterWithHistorySchema } },
    refusals: [404],
  });
  app.get<{ Params: { id: string } }>('/v1/dead-letters/:id', read, async (request, reply) => {
    const asked = { id: request.params.id };
    const text = toDeadLetterText(await deadLetters.call(request, S.getDeadLetter, asked));
    void reply.type('application/json; charset=utf-8');
    return text;
  });
}
