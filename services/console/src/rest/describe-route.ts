import type { RouteShorthandOptions } from 'fastify';

/** A JSON Schema, of the words that draft 2020-12 and our validator both know. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

export interface AnswerDescription {
  readonly description: string;
  /** Absent: the answer has no body. */
  readonly schema?: JsonSchema;
  /** Headers besides those of every answer: name and what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is said of a route: it is checked by this, and the OpenAPI document is made of this. */
export interface RouteDescription {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  readonly body?: JsonSchema;
  /** Whether an absent body counts as `{}`. */
  readonly bodyOptional?: boolean;
  /** Whether bodies are merge patches, which have a content type of their own (RFC 7396). */
  readonly mergePatch?: boolean;
  /** Request headers by name. */
  readonly headers?: Readonly<Record<string, JsonSchema>>;
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Statuses of refusals besides those that any route may answer. */
  readonly refusals?: readonly number[];
  /** Whether it is answered without an API key. */
  readonly open?: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly described?: RouteDescription;
  }
}

const id: JsonSchema = {
  type: 'string',
  maxLength: 512,
  description: 'The id, as it stands in the list.',
};

/** No member is taken: what a route without a body of its own is checked by. */
export const emptyBodySchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {},
};

/**
 * The options of a route. Query parameters and fields that the description does not name are
 * refused, on routes without any as well.
 */
export function describeRoute(described: RouteDescription): RouteShorthandOptions {
  const { query = {}, headers = {}, answers } = described;
  const properties = (of: object) => ({ type: 'object', properties: of });
  return {
    config: { described },
    schema: {
      querystring: { ...properties(query), additionalProperties: false },
      // Node hands header names over in lower case.
      headers: properties(lowerCased(headers)),
      params: properties({ id }),
      response: Object.fromEntries(
        Object.entries(answers).map(([status, { schema }]) => [status, schema ?? {}]),
      ),
    },
  };
}

function lowerCased(headers: Readonly<Record<string, JsonSchema>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, schema]) => [name.toLowerCase(), schema]),
  );
}
