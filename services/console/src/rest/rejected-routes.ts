import {
  DeadLetterServiceService,
  ListRejectedRequest,
  RejectedState,
  ResubmitRejectedRequest,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import { enumNumbers } from './enum-numbers.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { present } from './present.ts';
import { toRejectedJson } from './rejected-json.ts';
import { acceptanceSchema, rejectedSchema, resubmitSchema } from './rejected-schema.ts';
import { about, instant, oneOf, oneOrMore } from './schema-parts.ts';
import { instantOf } from './times.ts';

const TAG = 'Rejected messages';
const S = DeadLetterServiceService;
const name = { type: 'string', maxLength: 1_000 } as const;

interface RejectedQuery extends PageQuery {
  readonly id?: readonly string[];
  readonly code?: readonly string[];
  readonly host?: string;
  readonly state?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly omit_payload?: boolean;
}

interface ResubmitInput {
  readonly type?: string;
  readonly payload?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `/v1/rejected`: what was published and did not become an event. */
export function registerRejectedRoutes(app: FastifyInstance, { deadLetters }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listRejected',
    tag: TAG,
    summary: 'List rejected messages',
    description:
      'What was published and failed a check, the newest first; without `state`, what was not put in again. A page ends before its payloads exceed 2 MiB.',
    query: {
      ...pageProperties,
      id: oneOrMore(name, 'Only those with one of these ids.'),
      code: oneOrMore(name, 'Only those with one of these codes.'),
      host: about(name, 'Only those of this host.'),
      state: oneOrMore(oneOf(RejectedState, 'REJECTED_STATE_'), 'Default: open.'),
      from: about(instant, 'Only those received at this time or later, RFC 3339.'),
      to: about(instant, 'Only those received before this time, RFC 3339.'),
      omit_payload: about({ type: 'boolean' }, 'Leave the payloads out.'),
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(rejectedSchema) } },
  });
  app.get<{ Querystring: RejectedQuery }>('/v1/rejected', list, async (request) => {
    const page = await deadLetters.call(request, S.listRejected, toRejectedRequest(request.query));
    return toPage(page.rejectedMessages.map(toRejectedJson), page.nextPageToken);
  });

  const resubmit = describeRoute({
    operationId: 'resubmitRejected',
    tag: TAG,
    summary: 'Put a rejected message in again',
    description:
      'Puts it in corrected or, without a member, as it is; answered after the commit. The event keeps the time of the message, and a repeat of the call makes no second event.',
    body: resubmitSchema,
    bodyOptional: true,
    answers: { 202: { description: 'The event that it became.', schema: acceptanceSchema } },
    refusals: [404, 409],
  });
  app.post<{ Params: { id: string }; Body: ResubmitInput }>(
    '/v1/rejected/:id/resubmit',
    resubmit,
    async (request, reply) => {
      const { type, payload, headers } = request.body;
      const asked = ResubmitRejectedRequest.fromPartial({
        id: request.params.id,
        type,
        payload,
        ...(headers !== undefined && { headers: { headers } }),
      });
      const answer = await deadLetters.call(request, S.resubmitRejected, asked);
      const acceptance = present(answer.acceptance, 'an acceptance');
      void reply.code(202);
      return {
        event_id: acceptance.eventId,
        position: Number(acceptance.position),
        duplicate: acceptance.duplicate,
      };
    },
  );
}

function toRejectedRequest(query: RejectedQuery): ListRejectedRequest {
  return ListRejectedRequest.fromPartial({
    ...toPageRequest(query),
    ids: [...(query.id ?? [])],
    codes: [...(query.code ?? [])],
    host: query.host ?? '',
    states: enumNumbers(RejectedState, 'REJECTED_STATE_', query.state),
    startTime: instantOf(query.from),
    endTime: instantOf(query.to),
    omitPayload: query.omit_payload === true,
  });
}
