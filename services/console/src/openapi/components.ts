import type { JsonSchema } from '../rest/describe-route.ts';

/** Keywords whose values are data, not schemas. */
const DATA = new Set(['examples', 'enum', 'const', 'default', 'required', 'type']);

export interface Components {
  /** The schema as the document has it: what has a title is a reference to a component. */
  refer(schema: JsonSchema): JsonSchema;
  /** Every component referred to so far, by name. */
  schemas(): Readonly<Record<string, JsonSchema>>;
}

/**
 * Gathers the schemas that have a title. They are the very objects that requests are checked by; one
 * title stands for one of them, else this throws.
 */
export function createComponents(): Components {
  const originals = new Map<string, JsonSchema>();
  const converted = new Map<string, JsonSchema>();

  const refer = (schema: JsonSchema): JsonSchema => {
    const { title } = schema;
    if (typeof title !== 'string') return convert(schema);
    const known = originals.get(title);
    if (known === undefined) {
      originals.set(title, schema);
      converted.set(title, convert(schema));
    } else if (known !== schema) throw new Error(`two schemas have the title ${title}`);
    return { $ref: `#/components/schemas/${title}` };
  };
  const convert = (schema: JsonSchema): JsonSchema =>
    Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, within(name, value)]));
  const within = (keyword: string, value: unknown): unknown => {
    if (DATA.has(keyword) || typeof value !== 'object' || value === null) return value;
    if (keyword === 'properties') {
      const members = Object.entries(value as Record<string, JsonSchema>);
      return Object.fromEntries(members.map(([name, member]) => [name, refer(member)]));
    }
    if (Array.isArray(value)) return value.map((entry) => refer(entry as JsonSchema));
    return refer(value as JsonSchema);
  };

  return {
    refer,
    schemas: () => Object.fromEntries([...converted].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
