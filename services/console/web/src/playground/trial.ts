import type { AttemptJson } from '../api/types.ts';

/** A request that was made to be looked at. */
export interface TrialJson {
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string;
  readonly secret: string;
  readonly public_key: string | null;
  readonly attempt: AttemptJson | null;
}

/** A request as it goes over the wire. */
export function trialText({ url, headers, body }: TrialJson): string {
  const { host, pathname, search } = new URL(url);
  const lines = headers.map(({ name, value }) => `${name}: ${value}`);
  return [`POST ${pathname}${search} HTTP/1.1`, `host: ${host}`, ...lines, '', body].join('\n');
}

/** The value of a header, whatever its case. */
export function headerOf({ headers }: TrialJson, wanted: string): string | undefined {
  return headers.find(({ name }) => name.toLowerCase() === wanted)?.value;
}
