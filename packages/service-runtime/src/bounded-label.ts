/** What values beyond the bound are counted as. */
export const OTHER = 'other';

/**
 * A label of a bounded number of values, for names that others choose: the first `valuesMax` have
 * series of their own for the life of the process, all further ones share one. A value called `other`
 * is that one as well.
 */
export function createBoundedLabel(valuesMax = 200): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= valuesMax) return OTHER;
    known.add(value);
    return value;
  };
}
