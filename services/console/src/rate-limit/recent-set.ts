/** A set of bounded size: what was not asked for longest goes first. */
export interface RecentSet {
  has(value: string): boolean;
  add(value: string): void;
  delete(value: string): void;
}

/** Holds at most so many values. */
export function createRecentSet(valuesMax: number): RecentSet {
  // The order of a set is that of insertion, so what is used is put in anew.
  const values = new Set<string>();
  const add = (value: string): void => {
    values.delete(value);
    values.add(value);
    const oldest = values.keys().next();
    if (values.size > valuesMax && !oldest.done) values.delete(oldest.value);
  };
  return {
    has(value) {
      if (!values.has(value)) return false;
      add(value);
      return true;
    },
    add,
    delete: (value) => void values.delete(value),
  };
}
