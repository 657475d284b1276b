import { eventDataSchema, type FieldViolation } from '@hookline/contracts';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { schemaRefusal } from './http/schema-errors.ts';

const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true });
/** One per canonical type at most, compiled when the first event of the type comes. */
const compiled = new Map<string, ValidateFunction>();

/**
 * The strict mode of ingest: every fault of an event's data by its path, such as
 * `data.ipv4.block`; empty when the data are as the catalogue says. A type that is not in the
 * catalogue is itself the fault. Members beyond the schema are no fault, nor are those that are missing
 * where `partial` is set: what is only about to be created, or failed to be, has no id yet.
 */
export function checkEventData(
  type: string,
  data: unknown,
  { partial = false } = {},
): readonly FieldViolation[] {
  const validate = validatorOf(type);
  if (validate === undefined) {
    const detail = `"${type.slice(0, 128)}" is not in the catalogue of event types, and this tenant takes no others; use one that ListEventTypes lists`;
    return [{ field: 'type', detail }];
  }
  if (validate(data)) return [];
  const errors = ((validate.errors ?? []) as ErrorObject[]).filter(
    ({ keyword }) => !partial || keyword !== 'required',
  );
  if (errors.length === 0) return [];
  const { fields } = schemaRefusal('data', errors);
  return fields.map(({ field, detail }) => ({
    field: field === '' ? 'data' : `data.${field}`,
    detail,
  }));
}

function validatorOf(type: string): ValidateFunction | undefined {
  const known = compiled.get(type);
  if (known !== undefined) return known;
  const schema = eventDataSchema(type);
  if (schema === undefined) return undefined;
  const validate = ajv.compile(schema);
  compiled.set(type, validate);
  return validate;
}
