import { STATUS_CODES } from 'node:http';
import type { RouteDescription } from '../rest/describe-route.ts';
import { about, component, record, text } from '../rest/schema-parts.ts';
import type { Components } from './components.ts';

/** What each status of a refusal means, with its code and an example of its detail. */
const MEANINGS: Readonly<Record<number, readonly [code: string, means: string, detail: string]>> = {
  400: [
    'invalid_argument',
    'A field, a parameter or the body is at fault; `errors` names each.',
    'colour is not a known field; known are url, events',
  ],
  401: ['unauthenticated', 'No valid API key.', 'the API key is unknown, expired or revoked'],
  403: ['permission_denied', 'The key’s role may not do this.', 'this needs role admin or editor'],
  404: [
    'not_found',
    'There is no such thing, or it is another tenant’s.',
    'there is no subscription "sub_unknown"',
  ],
  409: [
    'already_exists',
    'Its state forbids it, or the Idempotency-Key was used with another request.',
    'Idempotency-Key: was used with a different request',
  ],
  412: [
    'conflict',
    'It is no longer the version of `If-Match`.',
    'somebody else changed the webhook meanwhile; read it and try again',
  ],
  413: ['payload_too_large', 'The body is too large.', 'the body is larger than 131072 bytes'],
  415: [
    'unsupported_media_type',
    'The body is not JSON.',
    'the content type "text/plain" is not taken here; send application/json',
  ],
  429: [
    'resource_exhausted',
    'Over the key’s limit, or over a quota; `Retry-After` says when to try again.',
    'over the limit of 2000 requests a second of this API key; try again in a second',
  ],
  500: ['internal', 'A fault of Hookline’s.', 'an internal error, described in the log'],
  501: [
    'unimplemented',
    'The service behind this is older than the console and does not do it yet.',
    'hookline.v1.DeliveryService/GetOverview is not implemented in this version',
  ],
  503: [
    'unavailable',
    'A part that this needs is away; `Retry-After` says when to try again.',
    'the service behind this cannot be reached at the moment; try again in a few seconds',
  ],
};

const ALWAYS = [400, 429, 500];
const UNDER_A_KEY = [401, 403, 501, 503];
const WITH_A_BODY = [413, 415];
const WITH_RETRY_AFTER = new Set([429, 503]);

const problemSchema = component(
  'Problem',
  record({
    type: about(text, '`about:blank`: the kind of problem is told by `status` and `code`.'),
    title: text,
    status: { type: 'integer' },
    detail: about(text, 'What is wrong and how to mend it.'),
    code: about(text, 'Stable, for programs.'),
    errors: {
      type: 'array',
      items: record({ field: text, detail: text }),
      description: 'Each field at fault.',
    },
    request_id: text,
  }),
  exampleOf(400, 'invalid_argument', MEANINGS[400]?.[2] ?? ''),
);

/** The refusals of a route, each a reference to a component. */
export function refusalsOf(described: RouteDescription, hasBody: boolean): object {
  const statuses = new Set([
    ...ALWAYS,
    ...(described.open ? [] : UNDER_A_KEY),
    ...(hasBody ? WITH_A_BODY : []),
    ...(described.refusals ?? []),
  ]);
  return Object.fromEntries(
    [...statuses]
      .sort()
      .map((status) => [status, { $ref: `#/components/responses/${nameOf(status)}` }]),
  );
}

/** Every refusal, as a component of the document. */
export function refusalComponents(components: Components): object {
  const schema = components.refer(problemSchema);
  return Object.fromEntries(
    Object.entries(MEANINGS).map(([key, [code, description, detail]]) => {
      const status = Number(key);
      const headers = WITH_RETRY_AFTER.has(status) && {
        headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
      };
      const example = exampleOf(status, code, detail);
      const content = { 'application/problem+json': { schema, example } };
      return [nameOf(status), { description, ...headers, content }];
    }),
  );
}

function nameOf(status: number): string {
  return (STATUS_CODES[status] ?? '').replaceAll(/\W/g, '');
}

function exampleOf(status: number, code: string, detail: string) {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail,
    code,
    errors: status === 400 ? [{ field: 'colour', detail: 'is not a known field' }] : [],
    request_id: 'req_5f0c6a6d8f3e4b0c9d1e2f3a4b5c6d7e',
  };
}
