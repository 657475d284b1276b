import { Role } from '@hookline/contracts';
import { exampleIds, exampleTime } from './examples.ts';
import {
  about,
  component,
  instant,
  instantOrNone,
  oneOf,
  record,
  text,
  textOrNone,
} from './schema-parts.ts';

export const role = about(
  oneOf(Role, 'ROLE_'),
  '`admin` does everything in its tenant, `editor` reads and changes, `viewer` reads, `publisher` publishes.',
);

export const keyMembers = {
  id: about(text, 'The id, `key_…`; not the credential.'),
  tenant: about(text, 'The tenant’s name.'),
  role,
  name: about(text, 'What people call it.'),
  prefix: about(text, 'The first characters of the credential, to recognise it by.'),
  creator: about(textOrNone, 'Who created it: a key’s id, or `bootstrap`.'),
  expires_at: about(instantOrNone, 'When it stops working; null: never.'),
  last_used_at: about(instantOrNone, 'When it was last used, to the minute.'),
  revoked_at: about(instantOrNone, 'When it was revoked; null while it works.'),
  created_at: instantOrNone,
};

export const keyExample = {
  id: exampleIds.key,
  tenant: 'default',
  role: 'editor',
  name: 'deploy pipeline',
  prefix: 'hk_Zb3q',
  creator: exampleIds.key,
  expires_at: null,
  last_used_at: null,
  revoked_at: null,
  created_at: exampleTime,
};

export const keySchema = component('Key', record(keyMembers), keyExample);

/** A key as it is answered when it is made. */
export const createdKeySchema = component(
  'CreatedKey',
  record({ ...keyMembers, key: about(text, 'The credential, now and never again.') }),
  { ...keyExample, key: 'hk_…' },
);

export const tenantOfInput = about(
  text,
  'The tenant’s name. Default: one’s own; another one only by the operator.',
);
export const expiryOfInput = about(instant, 'When it stops working. Default: never.');

export const keyInputSchema = component(
  'KeyInput',
  {
    type: 'object',
    additionalProperties: false,
    required: ['role'],
    properties: {
      role,
      name: about(text, 'What people call it, at most 200 characters.'),
      tenant: tenantOfInput,
      expires_at: expiryOfInput,
    },
  },
  { role: 'editor', name: 'deploy pipeline' },
);
