import type { Random } from './random.ts';

type Json = unknown;
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly examples?: readonly Json[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

/** As much of an OpenAPI document as requests are made of. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface RandomRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What servers stumble over: emptiness, length, control characters, halves of characters, keywords. */
const TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e',
  '💥'.repeat(20),
  'x'.repeat(3_000),
  '%',
  '%00',
  '../..',
  "'; DROP TABLE x; --",
  '$(x)',
  '__proto__',
  'constructor',
  'null',
  '-1',
  '1e400',
  'NaN',
  '*',
  'server.*',
  '>',
  'server.started',
  'http://127.0.0.1:1/',
  'https://[::1',
  'https://a.example/\u0000',
  '2026-01-15T10:30:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:60Z',
  '2026-02-30T00:00:00+99:99',
  'W/"1"',
  '"1"',
  '\r\nx: y',
];
const NUMBERS = [0, -1, 1, 1.5, 1e-9, 1e21, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, 604_801];
const TYPES = [
  'application/json',
  'application/merge-patch+json',
  'text/plain',
  'application/json;charset=latin1',
  '',
];

/** Makes requests of every operation of a document, from nearly right to nonsense. */
export function createRandomRequests(
  document: OpenApiDocument,
  random: Random,
  ids: readonly string[],
): () => RandomRequest {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

  const junk = (depth = 0): Json => {
    const kind = random.below(depth > 3 ? 4 : 6);
    if (kind === 0) return random.pick(TEXTS);
    if (kind === 1) return random.pick(NUMBERS);
    if (kind === 2) return random.chance(0.5);
    if (kind === 3) return null;
    const entries = Array.from({ length: random.below(4) }, () => junk(depth + 1));
    return kind === 4
      ? entries
      : Object.fromEntries(entries.map((entry) => [random.pick(TEXTS), entry]));
  };

  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});

  /** Mostly what the schema asks for, some of it spoilt. */
  const someOf = (given: Schema): Json => {
    const schema = resolve(given);
    if (random.chance(0.12)) return junk();
    if (schema.enum !== undefined) return random.pick(schema.enum);
    if (schema.anyOf !== undefined) return someOf(random.pick(schema.anyOf));
    switch (random.pick([schema.type ?? 'string'].flat())) {
      case 'object':
        return objectOf(schema);
      case 'array':
        return Array.from({ length: random.below(4) }, () => someOf(schema.items ?? {}));
      case 'boolean':
        return random.chance(0.5);
      case 'null':
        return null;
      case 'number':
      case 'integer':
        return random.pick(NUMBERS);
      default:
        return random.chance(0.3)
          ? random.pick(ids)
          : random.pick([...TEXTS, ...(schema.examples ?? [])]);
    }
  };
  const objectOf = ({ properties = {}, additionalProperties }: Schema): Json => {
    const members = Object.entries(properties).filter(() => random.chance(0.6));
    const entries = members.map(([name, member]) => [name, someOf(member)]);
    const open = typeof additionalProperties === 'object';
    if (open || random.chance(0.1))
      entries.push([random.pick(TEXTS), open ? someOf(additionalProperties) : junk()]);
    return Object.fromEntries(entries);
  };
  const textOf = (value: Json) =>
    typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

  const bodyOf = ({ requestBody }: Operation): string => {
    const [media] = Object.values(requestBody?.content ?? {});
    if (random.chance(0.1))
      return random.pick(['', '{', '[1,', '"', 'x', '{"a":1}}', '\u0000', 'nul']);
    const text = JSON.stringify(media === undefined ? junk() : someOf(media.schema));
    return random.chance(0.05) ? text.slice(0, random.below(text.length + 1)) : text;
  };

  return () => {
    const { path, method, operation } = random.pick(operations);
    const parameters = operation.parameters ?? [];
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    for (const { name, in: place, schema } of parameters) {
      if (place === 'path' || random.chance(0.6)) continue;
      const value = textOf(
        someOf(resolve(schema).type === 'array' ? (schema.items ?? {}) : schema),
      );
      if (place === 'query') query.append(name, value.toWellFormed());
      else headers[name] = value.replaceAll(/[^\x20-\x7e]/g, '?').trim() || 'x';
    }
    if (random.chance(0.05)) query.append(random.pick(TEXTS).toWellFormed(), 'x');
    const id = () =>
      encodeURIComponent(random.chance(0.6) ? random.pick(ids) : random.pick(TEXTS).toWellFormed());
    const target = path.replaceAll(/\{\w+\}/g, id);
    const withBody = method !== 'get' && random.chance(0.9);
    if (withBody)
      headers['content-type'] = random.chance(0.9) ? 'application/json' : random.pick(TYPES);
    return {
      method: method.toUpperCase(),
      path: `${target}${query.size === 0 ? '' : `?${query}`}`,
      headers,
      ...(withBody && { body: bodyOf(operation) }),
    };
  };
}
