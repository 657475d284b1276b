import { DomainError, type FieldViolation } from '@hookline/contracts';

/** The refusal of a request, by the field at fault. */
export function invalid(fault: FieldViolation): DomainError {
  const { field, detail } = fault;
  return new DomainError('invalid_argument', `${field} ${detail}`, { fields: [fault] });
}

export function refuseUnless(holds: boolean, fault: FieldViolation): void {
  if (!holds) throw invalid(fault);
}

/** @throws DomainError for a list of more than `max` values */
export function checkCount(field: string, values: readonly unknown[], max = 100): void {
  const detail = `holds ${values.length} values; at most ${max} are taken`;
  refuseUnless(values.length <= max, { field, detail });
}

/** @throws DomainError for a text that is shorter or longer than that */
export function checkLength(
  field: string,
  text: string,
  { min = 0, max }: { readonly min?: number; readonly max: number },
): void {
  const wanted = min === 0 ? `at most ${max}` : `${min} to ${max}`;
  const detail = `has ${text.length} characters; ${wanted} are taken`;
  refuseUnless(text.length >= min && text.length <= max, { field, detail });
}

/** The refusal of an id that is unknown or another tenant's: a caller cannot tell which. */
export function notFound(what: string, id: string): DomainError {
  return new DomainError('not_found', `there is no ${what} ${JSON.stringify(id.slice(0, 64))}`);
}
