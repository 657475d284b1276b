import { AdminServiceService, type AuditEntry, ListAuditRequest } from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { tenantProperty } from './admin-parameters.ts';
import { describeRoute } from './describe-route.ts';
import { exampleIds, exampleTime } from './examples.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import {
  about,
  component,
  instant,
  instantOrNone,
  oneOrMore,
  record,
  text,
  textOrNone,
} from './schema-parts.ts';
import { instantOf, instantText, textOrNull } from './times.ts';

interface AuditQuery extends PageQuery {
  readonly tenant?: string;
  readonly actor_id?: string;
  readonly target_id?: string;
  readonly action?: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

const id = { type: 'string', maxLength: 100 } as const;

const auditSchema = component(
  'AuditEntry',
  record({
    id: about(text, 'The id, `aud_…`.'),
    time: about(instantOrNone, 'When it was done.'),
    actor: {
      ...record({
        id: about(text, 'A key’s id, or the name of a service.'),
        name: about(textOrNone, 'The key’s name.'),
        remote_address: about(textOrNone, 'Where the call came from.'),
      }),
      description: 'Who did it.',
    },
    action: about(text, 'What was done, in the past tense.'),
    target_id: about(text, 'What it was done to.'),
    reason: about(textOrNone, 'Why, as far as it was said.'),
    changes: {
      type: 'object',
      description: 'By field, the values before and after. Secrets are left out.',
      additionalProperties: true,
    },
    trace_id: about(textOrNone, 'The W3C trace id of the call.'),
  }),
  {
    id: 'aud_01m80mhnh3e85tvw1gzgw007n1',
    time: exampleTime,
    actor: { id: exampleIds.key, name: 'deploy pipeline', remote_address: '203.0.113.7' },
    action: 'subscription.updated',
    target_id: exampleIds.webhook,
    reason: null,
    changes: { description: { before: '', after: 'orders' } },
    trace_id: exampleIds.trace,
  },
);

/** `/v1/audit`: who did what. */
export function registerAuditRoutes(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listAudit',
    tag: 'Audit',
    summary: 'List who did what',
    description: 'The newest first. Nothing is ever taken out of it.',
    query: {
      ...pageProperties,
      ...tenantProperty,
      actor_id: about(id, 'Only what was done by this key or service.'),
      target_id: about(id, 'Only what was done to this.'),
      action: oneOrMore(
        id,
        'Only these actions; a final `*` matches the rest, as in `subscription.*`.',
      ),
      from: about(instant, 'Only what was done at this time or later.'),
      to: about(instant, 'Only what was done before this time.'),
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(auditSchema) } },
    refusals: [404],
  });
  app.get<{ Querystring: AuditQuery }>('/v1/audit', list, async (request) => {
    const { query } = request;
    const asked = {
      ...ListAuditRequest.create(toPageRequest(query)),
      tenant: query.tenant ?? '',
      actorId: query.actor_id ?? '',
      targetId: query.target_id ?? '',
      actions: [...(query.action ?? [])],
      startTime: instantOf(query.from),
      endTime: instantOf(query.to),
    };
    const page = await subscriptions.call(request, AdminServiceService.listAudit, asked);
    return toPage(page.entries.map(toAuditJson), page.nextPageToken);
  });
}

function toAuditJson(entry: AuditEntry) {
  const { id: actorId = '', name = '', remoteAddress = '' } = entry.actor ?? {};
  return {
    id: entry.id,
    time: instantText(entry.time),
    actor: { id: actorId, name: textOrNull(name), remote_address: textOrNull(remoteAddress) },
    action: entry.action,
    target_id: entry.targetId,
    reason: textOrNull(entry.reason),
    changes: entry.changes ?? {},
    trace_id: textOrNull(entry.traceId),
  };
}
