import { Problem } from './problem.ts';

export interface CallOptions {
  readonly method?: 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Of the session: what changes something proves by it that it comes from this page. */
let csrfToken = '';
let onSignedOut = () => {};

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called when an answer says that the session has ended. */
export function setOnSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/**
 * Makes one call of REST `/v1` or `/console`; the session's cookie is its credential.
 *
 * @throws Problem for a refusal, TypeError when there was no answer
 */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  return (await callWithHeaders<T>(path, options)).body;
}

/** The same, with what the answer warns of. */
export async function callWithHeaders<T>(
  path: string,
  { method, body, headers, signal }: CallOptions,
): Promise<{ readonly body: T; readonly warning: string | undefined }> {
  const response = await fetch(path, {
    ...(method !== undefined && { method }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
    headers: {
      ...(method !== undefined && { 'x-csrf-token': csrfToken }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  if (!response.ok) {
    if (response.status === 401) onSignedOut();
    throw new Problem(response.status, await readJson(response));
  }
  const warning = response.headers.get('hookline-warning') ?? undefined;
  return { body: (await readJson(response)) as T, warning };
}

/** An answer without a body, or with one that a proxy made, is an empty object. */
async function readJson(response: Response): Promise<object> {
  try {
    return (await response.json()) as object;
  } catch {
    return {};
  }
}

/** A path with parameters; what is empty or undefined is left out, a list repeats its name. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== '') search.append(name, String(each));
    }
  }
  return search.size === 0 ? path : `${path}?${search}`;
}
