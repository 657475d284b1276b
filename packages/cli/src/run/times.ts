/** The time in so many milliseconds from now; undefined without a number. */
export function inMs(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(Date.now() + ms);
}
