const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const DAY_MS = 86_400_000;

/** A time of the API: the clock alone within a day, the whole on pointing at it. */
export function When({ at, none = '–' }: { readonly at?: string | null; readonly none?: string }) {
  if (at === null || at === undefined) return none;
  const time = new Date(at);
  const isNear = Math.abs(Date.now() - time.getTime()) < DAY_MS;
  return (
    <time dateTime={at} title={exact.format(time)}>
      {(isNear ? clock : day).format(time)}
    </time>
  );
}
