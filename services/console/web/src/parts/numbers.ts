const whole = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

export function count(value: number): string {
  return value < 100_000 ? whole.format(value) : short.format(value);
}

/** A time as a person reads it: `12 ms`, `1.5 s`. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** A share in percent; never 100 % unless all, never 0 % unless none. */
export function percent(part: number, all: number): string {
  if (all === 0) return '–';
  const exact = (100 * part) / all;
  if (part < all && exact > 99.9) return '99.9 %';
  if (part > 0 && exact < 0.1) return '0.1 %';
  return `${exact.toFixed(exact === 100 || exact === 0 ? 0 : 1)} %`;
}
