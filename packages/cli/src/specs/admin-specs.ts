import { defineCommand, defineSpec } from '../command/command.ts';
import { list, required, value } from '../command/option.ts';
import { choice, duration, id, path, text } from '../command/value-types.ts';
import { includeInactive, paging, ROLES, range, requestId, tenant } from './common.ts';

const KEY = 'key_01m80mhnh3e85tvw1gzgw007n1';
const AGENT = 'agt_01m80mhnh3e85tvw1gzgw007n1';
const YEARS_100_MS = 36_500 * 86_400_000;

const reason = value(text('text'), 'why, for the audit log', { field: 'reason' });
const expires = value(
  duration(1_000, YEARS_100_MS),
  'after how long it stops working; never without it',
  {
    field: 'expire_time',
  },
);

export const mintSpec = defineSpec({
  name: 'agents mint',
  summary: 'Makes NATS credentials for the agent of one host; they are shown now and never again',
  details: 'Without --out the text of the credentials file is printed.',
  arguments: {
    'host-name': required(text('host'), 'the host’s name; its dots become - in subjects', {
      field: 'agent_credential.host_name',
    }),
  },
  options: {
    out: value(path(), 'the file to write the credentials to, readable by its owner alone'),
    description: value(text('text'), 'a note for people', {
      field: 'agent_credential.description',
    }),
    expires,
    tenant,
    'request-id': requestId,
  },
  examples: [
    { line: 'agents mint node-2.example.com --out node-2.creds', note: 'for a further host' },
  ],
});

export const listAgentsSpec = defineSpec({
  name: 'agents list',
  summary: 'Lists agent credentials, the newest first',
  arguments: {},
  options: {
    host: value(text('host'), 'only of this host', { field: 'host' }),
    all: includeInactive,
    tenant,
    ...paging,
  },
  examples: [{ line: 'agents list', note: 'which hosts may publish, and when each was last seen' }],
});

export const revokeAgentSpec = defineSpec({
  name: 'agents revoke',
  summary: 'Makes agent credentials useless and closes the connections that use them',
  arguments: { id: required(id('agt'), 'the credentials', { field: 'id' }) },
  options: { reason },
  examples: [{ line: `agents revoke ${AGENT} --reason 'the host is gone'`, note: 'at once' }],
});

export const createKeySpec = defineSpec({
  name: 'keys create',
  summary: 'Makes an API key; it is shown now and never again',
  arguments: {},
  options: {
    role: required(choice(ROLES), 'what it may do', { field: 'api_key.role' }),
    name: value(text('name'), 'what people call it', { field: 'api_key.name' }),
    expires,
    tenant,
    'request-id': requestId,
  },
  examples: [
    { line: 'keys create --role viewer --name dashboard --expires 90d', note: 'reads only' },
  ],
});

export const listKeysSpec = defineSpec({
  name: 'keys list',
  summary: 'Lists API keys, the newest first',
  arguments: {},
  options: {
    role: list(choice(ROLES), 'only with these roles', { field: 'roles' }),
    all: includeInactive,
    tenant,
    ...paging,
  },
  examples: [{ line: 'keys list --all', note: 'those revoked as well' }],
});

export const getKeySpec = defineSpec({
  name: 'keys get',
  summary: 'Shows an API key, without its credential',
  arguments: { id: required(id('key'), 'the key', { field: 'id' }) },
  options: {},
  examples: [{ line: `keys get ${KEY}`, note: 'when it was last used' }],
});

export const revokeKeySpec = defineSpec({
  name: 'keys revoke',
  summary: 'Makes an API key useless everywhere, within two seconds',
  arguments: { id: required(id('key'), 'the key', { field: 'id' }) },
  options: { reason },
  examples: [{ line: `keys revoke ${KEY} --reason leaked`, note: 'at once' }],
});

export const auditSpec = defineSpec({
  name: 'audit',
  summary: 'Lists who did what, the newest first',
  arguments: {},
  options: {
    actor: value(text('id'), 'only by this key or service', { field: 'actor_id' }),
    target: value(text('id'), 'only to this', { field: 'target_id' }),
    action: list(text('action'), 'only these actions; a final * matches the rest', {
      field: 'actions',
    }),
    tenant,
    ...range,
    ...paging,
  },
  examples: [
    { line: "audit --action 'api_key.*' --from 7d", note: 'what happened to keys this week' },
    { line: "audit --action 'delivery.*' --action 'replay.*'", note: 'who delivered what again' },
    { line: 'audit --json', note: 'with the values before and after' },
  ],
});

const agents = () => import('../run/agents.ts');
const keys = () => import('../run/keys.ts');

export const agentCommands = {
  name: 'agents',
  summary: 'Manage the NATS credentials of hosts',
  commands: [
    defineCommand(mintSpec, async () => (await agents()).mintAgent),
    defineCommand(listAgentsSpec, async () => (await agents()).listAgents),
    defineCommand(revokeAgentSpec, async () => (await agents()).revokeAgent),
  ],
};

export const keyCommands = {
  name: 'keys',
  summary: 'Manage API keys',
  commands: [
    defineCommand(createKeySpec, async () => (await keys()).createKey),
    defineCommand(listKeysSpec, async () => (await keys()).listKeys),
    defineCommand(getKeySpec, async () => (await keys()).getKey),
    defineCommand(revokeKeySpec, async () => (await keys()).revokeKey),
  ],
};

export const auditCommands = {
  name: 'audit',
  summary: auditSpec.summary,
  commands: [defineCommand(auditSpec, async () => (await keys()).listAudit)],
};
