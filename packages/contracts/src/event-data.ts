import { dataDefinitions, type JsonSchema } from './event-data-definitions.ts';
import { type DataShape, dataShapes } from './event-data-shapes.ts';
import { type EventType, findEventType } from './event-types.ts';

/**
 * The JSON Schema of the canonical data of a type; undefined for one that is not in the catalogue.
 * It stands alone (definitions are inside) and keeps to keywords that draft 7 and 2020-12 share, so
 * that any validator compiles it.
 */
export function eventDataSchema(type: string): JsonSchema | undefined {
  const entry = findEventType(type);
  if (entry === undefined) return undefined;
  const { schema } = shapeOf(entry);
  const defs = definitionsOf(schema);
  return {
    title: type,
    description: entry.description,
    ...schema,
    ...(Object.keys(defs).length > 0 && { $defs: defs }),
  };
}

/** An example of the canonical data of a type; undefined for one that is not in the catalogue. */
export function exampleEventData(type: string): Readonly<Record<string, unknown>> | undefined {
  const entry = findEventType(type);
  return entry && { ...shapeOf(entry).example, ...entry.example };
}

function shapeOf({ data }: EventType): DataShape {
  return dataShapes[data];
}

/** The definitions that a schema refers to, and those that they refer to. */
function definitionsOf(schema: JsonSchema): Record<string, JsonSchema> {
  const found: Record<string, JsonSchema> = {};
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      if (key !== '$ref' || typeof value !== 'string') {
        visit(value);
        continue;
      }
      const name = value.slice('#/$defs/'.length);
      if (name in found || !(name in dataDefinitions)) continue;
      const definition = dataDefinitions[name as keyof typeof dataDefinitions];
      found[name] = definition;
      visit(definition);
    }
  };
  visit(schema);
  return found;
}
