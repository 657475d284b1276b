import type { Output } from '../output/output.ts';
import { fieldsOf, type Json } from '../views/shared.ts';

/** One thing: as JSON, or its fields a line each. */
export function show(output: Output, json: Json): void {
  if (output.isJson) output.json(json);
  else output.fields(fieldsOf(json));
}

/** What was done, in words; the thing itself as JSON. */
export function told(output: Output, json: Json, text: string): void {
  if (output.isJson) output.json(json);
  else output.line(text);
}

/** Must be there by the protos; a server that leaves it out is at fault, not the caller. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the server answered without ${what}`);
  return value;
}
