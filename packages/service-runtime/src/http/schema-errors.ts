import { DomainError, type FieldViolation } from '@hookline/contracts';
import type { ErrorObject } from 'ajv';

/** `/retry/delays/0` as a client writes it: `retry.delays[0]`. */
function fieldOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => {
      if (/^\d+$/.test(part)) return `${path}[${part}]`;
      return path === '' ? part : `${path}.${part}`;
    }, '');
}

function child(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function list(values: unknown): string {
  return (values as unknown[]).map((value) => JSON.stringify(value)).join(', ');
}

/** What would be right, for the keywords whose own words do not say it. */
function detailOf({ keyword, params, message, parentSchema, ...error }: ErrorObject): string {
  switch (keyword) {
    case 'enum':
      return `must be one of ${list(params.allowedValues)}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case 'type':
      if (error.instancePath === '' && error.data === undefined)
        return 'is empty; send a JSON object';
      return `must be ${[params.type].flat().join(' or ')}`;
    case 'pattern':
    case 'format': {
      if (params.format === 'date-time') {
        return 'must be a time as RFC 3339 writes it, such as 2026-01-15T10:30:00Z';
      }
      const description: unknown = parentSchema?.description;
      return typeof description === 'string'
        ? `must be ${description}`
        : (message ?? 'is not valid');
    }
    default:
      return message ?? 'is not valid';
  }
}

/** `if-match` as HTTP writes it in prose: `If-Match`. */
function headerName(name: string): string {
  return name.replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function violationOf(error: ErrorObject): FieldViolation {
  const field = fieldOf(error.instancePath);
  if (error.keyword === 'required') {
    return {
      field: child(field, error.params.missingProperty),
      detail: 'is missing; it is required',
    };
  }
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties') {
    const name: string = error.params.additionalProperty ?? error.params.unevaluatedProperty;
    const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
    const hint = known.length > 0 && known.length <= 30 ? `; known are ${known.join(', ')}` : '';
    return { field: child(field, name), detail: `is not a known field${hint}` };
  }
  return { field, detail: detailOf(error) };
}

/** What a JSON schema found wrong with a part of a request, as the refusal to answer with. */
export function schemaRefusal(part: string, errors: readonly ErrorObject[]): DomainError {
  // What `anyOf` and its kin say of themselves adds nothing to what their branches said.
  const telling = errors.filter(({ keyword }) => !['anyOf', 'oneOf', 'if'].includes(keyword));
  const violations = (telling.length > 0 ? telling : errors)
    .map(violationOf)
    .map(({ field, detail }) => ({
      field: part === 'headers' ? headerName(field) : field,
      detail,
    }));
  const fields = violations.filter(
    (one, index) =>
      violations.findIndex(({ field, detail }) => field === one.field && detail === one.detail) ===
      index,
  );
  const summary = fields
    .slice(0, 3)
    .map(({ field, detail }) => (field === '' ? `the ${part} ${detail}` : `${field} ${detail}`))
    .join('; ');
  const more = fields.length > 3 ? ` (and ${fields.length - 3} more)` : '';
  return new DomainError('invalid_argument', `${summary}${more}`, { fields });
}
