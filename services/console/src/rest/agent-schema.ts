import { exampleIds, exampleTime } from './examples.ts';
import { expiryOfInput, tenantOfInput } from './key-schema.ts';
import {
  about,
  component,
  instantOrNone,
  record,
  text,
  textOrNone,
  texts,
} from './schema-parts.ts';

const agentMembers = {
  id: about(text, 'The id, `agt_…`.'),
  tenant: about(text, 'The tenant’s name.'),
  host_name: about(text, 'The host’s name.'),
  host: about(text, 'The host’s token in NATS subjects.'),
  description: text,
  publish_prefix: about(text, 'The subject prefix that the agent publishes under.'),
  inbox_prefix: about(text, 'The prefix to configure for inboxes.'),
  user_public_key: about(text, 'The NATS user’s public key, `U…`.'),
  creator: about(textOrNone, 'Who created it: a key’s id, or `bootstrap`.'),
  expires_at: about(instantOrNone, 'When they stop working; null: never.'),
  last_seen_at: about(instantOrNone, 'When an event of the host was last accepted.'),
  revoked_at: about(instantOrNone, 'When they were revoked; null while they work.'),
  created_at: instantOrNone,
};

const agentExample = {
  id: exampleIds.agent,
  tenant: 'default',
  host_name: 'node-1.example.com',
  host: 'node-1-example-com',
  description: 'rack 3',
  publish_prefix: 'hv.default.node-1-example-com.',
  inbox_prefix: '_INBOX_default_node-1-example-com',
  user_public_key: 'UCEOEKKVC3QWYMX7ZR3S7ZMDNWZ4KGLZ5GL2AZKD4VBKXO3Q6D7T5CBO',
  creator: exampleIds.key,
  expires_at: null,
  last_seen_at: exampleTime,
  revoked_at: null,
  created_at: exampleTime,
};

export const agentSchema = component('Agent', record(agentMembers), agentExample);

/** An agent's credentials as they are answered when they are made. */
export const createdAgentSchema = component(
  'CreatedAgent',
  record({
    ...agentMembers,
    creds: about(text, 'The text of a NATS credentials file (`.creds`), now and never again.'),
    nats_urls: about(texts, 'Where the agent connects to.'),
  }),
  {
    ...agentExample,
    creds: '-----BEGIN NATS USER JWT-----…',
    nats_urls: ['nats://127.0.0.1:4222'],
  },
);

export const agentInputSchema = component(
  'AgentInput',
  {
    type: 'object',
    additionalProperties: false,
    required: ['host_name'],
    properties: {
      host_name: about(text, 'The host’s name; each dot becomes `-` in its NATS token.'),
      description: about(text, 'A note for people, at most 200 characters.'),
      tenant: tenantOfInput,
      expires_at: expiryOfInput,
    },
  },
  { host_name: 'node-1.example.com', description: 'rack 3' },
);
