import { isRfc3339 } from '@hookline/contracts';
import { Ajv, type ErrorObject, type Options } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import { schemaRefusal } from './schema-errors.ts';

const options: Options = {
  allErrors: true,
  verbose: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  useDefaults: true,
  // An unknown field is refused by `additionalProperties: false`, never dropped in silence.
  removeAdditional: false,
  // OpenAPI's, which says nothing about what is valid.
  keywords: ['example'],
  formats: { 'date-time': isRfc3339 },
};

const partNames: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
};

/**
 * Checks requests against JSON schemas. A body is taken as it is: the text "1" is no number. What
 * stands in a URL or a header is text by nature and is turned into what the schema asks for.
 */
export function createSchemaCompiler(): FastifySchemaCompiler<object> {
  const strictly = new Ajv({ ...options, coerceTypes: false });
  const coercing = new Ajv({ ...options, coerceTypes: 'array' });
  return ({ schema, httpPart = 'body' }) => {
    const validate = (httpPart === 'body' ? strictly : coercing).compile(schema);
    return (data: unknown) => {
      if (validate(data)) return { value: data };
      return {
        error: schemaRefusal(
          partNames[httpPart] ?? httpPart,
          (validate.errors ?? []) as ErrorObject[],
        ),
      };
    };
  };
}
