import { DomainError, isRfc3339 } from '@hookline/contracts';
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
      if (validate(data)) {
        const overflow = httpPart === 'body' ? undefined : overflowOf(data);
        return overflow === undefined ? { value: data } : { error: overflow };
      }
      return {
        error: schemaRefusal(
          partNames[httpPart] ?? httpPart,
          (validate.errors ?? []) as ErrorObject[],
        ),
      };
    };
  };
}

/** Ajv makes Infinity of `1e400` and lets it pass every bound. */
function overflowOf(part: unknown): DomainError | undefined {
  const fields = Object.entries(part as object)
    .filter(([, value]) =>
      [value].flat().some((one) => typeof one === 'number' && !Number.isFinite(one)),
    )
    .map(([field]) => ({ field, detail: 'is too large a number' }));
  if (fields.length === 0) return undefined;
  return new DomainError('invalid_argument', `${fields[0]?.field} is too large a number`, {
    fields,
  });
}
