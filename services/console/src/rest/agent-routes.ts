import {
  AdminServiceService,
  AgentCredential,
  ListAgentCredentialsRequest,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { inactiveProperty, reasonProperty, tenantProperty } from './admin-parameters.ts';
import { agentInputSchema, agentSchema, createdAgentSchema } from './agent-schema.ts';
import { describeRoute } from './describe-route.ts';
import { idempotencyKeyHeader, requestIdOf } from './headers.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { present } from './present.ts';
import { instantOf, instantText, textOrNull } from './times.ts';

const TAG = 'Agents';
const S = AdminServiceService;

interface AgentsQuery extends PageQuery {
  readonly tenant?: string;
  readonly host?: string;
  readonly include_inactive?: boolean;
}

interface AgentInput {
  readonly host_name: string;
  readonly description?: string;
  readonly tenant?: string;
  readonly expires_at?: string;
}

/** `/v1/agents`: the NATS credentials of hosts' agents. */
export function registerAgentRoutes(app: FastifyInstance, clients: GrpcClients): void {
  registerCreate(app, clients);
  registerReading(app, clients);
  const revoke = describeRoute({
    operationId: 'revokeAgent',
    tag: TAG,
    summary: 'Revoke an agent’s credentials',
    description:
      'They are useless at once, and connections that use them are closed. Revoking revoked ones changes nothing.',
    query: reasonProperty,
    answers: { 204: { description: 'They are revoked.' } },
    refusals: [404, 409],
  });
  app.delete<{ Params: { id: string }; Querystring: { reason?: string } }>(
    '/v1/agents/:id',
    revoke,
    async (request, reply) => {
      const asked = { id: request.params.id, reason: request.query.reason ?? '' };
      await clients.subscriptions.call(request, S.revokeAgentCredential, asked);
      return reply.code(204).send();
    },
  );
}

function registerCreate(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const create = describeRoute({
    operationId: 'createAgent',
    tag: TAG,
    summary: 'Make credentials for a host’s agent',
    description:
      'NATS credentials with which the agent publishes for its host and for nothing else. They are in this answer and never again.',
    headers: idempotencyKeyHeader,
    body: agentInputSchema,
    answers: {
      201: {
        description: 'What the agent needs to connect.',
        schema: createdAgentSchema,
        headers: { location: 'Where the credentials are listed.' },
      },
    },
    refusals: [404, 409],
  });
  app.post<{ Body: AgentInput }>('/v1/agents', create, async (request, reply) => {
    const { host_name, description = '', tenant = '', expires_at } = request.body;
    const agentCredential = {
      ...AgentCredential.create(),
      ...{ hostName: host_name, description, tenant, expireTime: instantOf(expires_at) },
    };
    const asked = { agentCredential, requestId: requestIdOf(request) };
    const answer = await subscriptions.call(request, S.createAgentCredential, asked);
    const agent = present(answer.agentCredential, 'agent credentials');
    void reply.code(201).header('location', `/v1/agents/${agent.id}`);
    return { ...toAgentJson(agent), creds: answer.creds, nats_urls: answer.natsUrls };
  });
}

function registerReading(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listAgents',
    tag: TAG,
    summary: 'List agents',
    description: 'Credentials of hosts’ agents, the newest first.',
    query: {
      ...pageProperties,
      ...tenantProperty,
      host: { type: 'string', maxLength: 100, description: 'Only those of this host, by token.' },
      ...inactiveProperty,
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(agentSchema) } },
    refusals: [404],
  });
  app.get<{ Querystring: AgentsQuery }>('/v1/agents', list, async (request) => {
    const { tenant = '', host = '', include_inactive = false } = request.query;
    const asked = ListAgentCredentialsRequest.create(toPageRequest(request.query));
    asked.tenant = tenant;
    asked.host = host;
    asked.includeInactive = include_inactive;
    const page = await subscriptions.call(request, S.listAgentCredentials, asked);
    return toPage(page.agentCredentials.map(toAgentJson), page.nextPageToken);
  });

  const read = describeRoute({
    operationId: 'getAgent',
    tag: TAG,
    summary: 'Read an agent',
    description: 'One agent’s credentials, without what is secret of them.',
    answers: { 200: { description: 'The agent.', schema: agentSchema } },
    refusals: [404],
  });
  app.get<{ Params: { id: string } }>('/v1/agents/:id', read, async (request) => {
    const { id } = request.params;
    const answer = await subscriptions.call(request, S.getAgentCredential, { id });
    return toAgentJson(present(answer.agentCredential, 'agent credentials'));
  });
}

function toAgentJson(agent: AgentCredential) {
  return {
    id: agent.id,
    tenant: agent.tenant,
    host_name: agent.hostName,
    host: agent.host,
    description: agent.description,
    publish_prefix: agent.publishPrefix,
    inbox_prefix: agent.inboxPrefix,
    user_public_key: agent.userPublicKey,
    creator: textOrNull(agent.creator),
    expires_at: instantText(agent.expireTime),
    last_seen_at: instantText(agent.lastSeenTime),
    revoked_at: instantText(agent.revokeTime),
    created_at: instantText(agent.createTime),
  };
}
