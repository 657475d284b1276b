import { enumTexts } from '@hookline/contracts';
import type { JsonSchema } from './describe-route.ts';

export const text = { type: 'string' } as const;
export const textOrNone = { type: ['string', 'null'] } as const;
export const texts = { type: 'array', maxItems: 1_000, items: text } as const;
export const textsByName = {
  type: 'object',
  maxProperties: 100,
  additionalProperties: text,
} as const;
export const count = { type: 'integer', minimum: 0 } as const;

/** RFC 3339, such as 2026-01-15T10:30:00Z; an offset is allowed. */
export const instant = {
  type: 'string',
  format: 'date-time',
  maxLength: 50,
  description: 'a time as RFC 3339 writes it, such as 2026-01-15T10:30:00Z',
  examples: ['2026-01-15T10:30:00Z'],
} as const;
export const instantOrNone = { type: ['string', 'null'], format: 'date-time' } as const;

/** A query parameter that may be repeated: any of the values counts. */
export function oneOrMore(items: JsonSchema, description: string): JsonSchema {
  return { type: 'array', maxItems: 100, items, description };
}

/** One of an enum's names, as REST writes them. */
export function oneOf(values: Readonly<Record<string, number>>, prefix: string) {
  return { type: 'string', enum: enumTexts(values, prefix) } as const;
}

/** An object that holds every one of its members, and no others. */
export function record(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  };
}

/** The schema with a word about it; what it says of itself already gives way. */
export function about(schema: JsonSchema, description: string, example?: unknown): JsonSchema {
  return { ...schema, description, ...(example !== undefined && { examples: [example] }) };
}

/** A component of the OpenAPI document: it is named there once and referred to from then on. */
export function component(title: string, schema: JsonSchema, example: unknown): JsonSchema {
  return { title, ...schema, examples: [example] };
}

/** A member of a merge patch, which removes what is null: it, and those within it, may be null. */
export function orNull(schema: JsonSchema): JsonSchema {
  const { type, properties, additionalProperties, enum: allowed, required: _, ...rest } = schema;
  const each = Object.entries((properties ?? {}) as Record<string, JsonSchema>);
  return {
    ...rest,
    type: [type, 'null'].flat(),
    ...(Array.isArray(allowed) && { enum: [...allowed, null] }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(each.map(([name, member]) => [name, orNull(member)])),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'object'
          ? orNull(additionalProperties as JsonSchema)
          : additionalProperties,
    }),
  };
}
