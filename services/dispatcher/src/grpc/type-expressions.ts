import { checkTypePattern, DomainError, type FieldViolation } from '@hookline/contracts';

const PATTERNS_MAX = 100;

/** What is wrong with patterns of event types, each fault under the place of its pattern. */
export function typePatternFaults(field: string, patterns: readonly string[]): FieldViolation[] {
  if (patterns.length > PATTERNS_MAX) {
    const detail = `has ${patterns.length} patterns; at most ${PATTERNS_MAX} are taken`;
    return [{ field, detail }];
  }
  return patterns.flatMap((pattern, index) => {
    const detail = checkTypePattern(pattern);
    return detail === undefined ? [] : [{ field: `${field}[${index}]`, detail }];
  });
}

/** Patterns of event types as regular expressions for Postgres. @throws DomainError that names the faulty ones */
export function typeExpressions(field: string, patterns: readonly string[]): string[] {
  const fields = typePatternFaults(field, patterns);
  if (fields.length > 0) {
    throw new DomainError('invalid_argument', `${field} is not valid`, { fields });
  }
  return patterns.map(toExpression);
}

/** A sound pattern as a regular expression; only `hookline.…` reaches our own events. */
function toExpression(pattern: string): string {
  if (pattern === '*') return '^(?!hookline\\.)';
  const segments = pattern.split('.').map((segment, index, all) => {
    if (segment !== '*') return segment;
    return index === all.length - 1 ? '.+' : '[a-z0-9_]+';
  });
  const own = pattern.startsWith('hookline.') ? '' : '(?!hookline\\.)';
  return `^${own}${segments.join('\\.')}$`;
}
