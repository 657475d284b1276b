import { checkTypePattern, DomainError } from '@hookline/contracts';

const PATTERNS_MAX = 100;

/** Patterns of event types as regular expressions for Postgres. @throws DomainError that names the faulty ones */
export function typeExpressions(field: string, patterns: readonly string[]): string[] {
  const tooMany = `has ${patterns.length} patterns; at most ${PATTERNS_MAX} are taken`;
  const fields =
    patterns.length > PATTERNS_MAX
      ? [{ field, detail: tooMany }]
      : patterns.flatMap((pattern, index) => {
          const detail = checkTypePattern(pattern);
          return detail === undefined ? [] : [{ field: `${field}[${index}]`, detail }];
        });
  if (fields.length > 0) {
    throw new DomainError('invalid_argument', `${field} is not valid`, { fields });
  }
  return patterns.map(toExpression);
}

function toExpression(pattern: string): string {
  if (pattern === '*') return '^(?!hookline\\.)';
  const segments = pattern.split('.').map((segment, index, all) => {
    if (segment !== '*') return segment;
    return index === all.length - 1 ? '.+' : '[a-z0-9_]+';
  });
  const own = pattern.startsWith('hookline.') ? '' : '(?!hookline\\.)';
  return `^${own}${segments.join('\\.')}$`;
}
