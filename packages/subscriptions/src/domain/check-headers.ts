import type { FieldViolation } from '@hookline/contracts';
import { checkHeader } from '@hookline/safe-http';
import { countFault, faultAt, textFault } from './check-texts.ts';
import type { EndpointAuth } from './settings.ts';

const HEADERS_MAX = 20;
const NAME_MAX = 128;
const VALUE_MAX = 1_024;
const CREDENTIAL_MAX = 1_024;
const USERNAME_MAX = 256;

/** Headers that the request, the signature or a format needs for itself. */
const RESERVED =
  /^(host|connection|keep-alive|te|trailer|upgrade|expect|transfer-encoding|user-agent|traceparent|tracestate|baggage|content-.*|proxy-.*|webhook-.*|hookline-.*|x-virtfusion-.*)$/i;

/** All faults of further headers, with fields under `headers`. */
export function checkHeaders(headers: Readonly<Record<string, string>>): FieldViolation[] {
  const names = Object.keys(headers);
  const tooMany = countFault(names.length, { max: HEADERS_MAX, what: 'headers' });
  if (tooMany !== undefined) return faultAt('headers', tooMany);
  const seen = new Set<string>();
  return names.flatMap((name) => {
    const repeated = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    const field = `headers.${name.slice(0, NAME_MAX)}`;
    return [
      ...faultAt(
        field,
        repeated ? 'it is given twice, in different spelling; give it once' : undefined,
      ),
      ...faultAt(field, headerFault(name, headers[name] ?? '')),
    ];
  });
}

function headerFault(name: string, value: string): string | undefined {
  if (name.toLowerCase() === 'authorization') {
    return 'a credential belongs in auth, where it is kept sealed and never shown';
  }
  return headerNameFault(name) ?? lengthFault(value) ?? checkHeader(name, value)?.reason;
}

function headerNameFault(name: string): string | undefined {
  if (name.length > NAME_MAX) return `a header name has at most ${NAME_MAX} characters`;
  if (!RESERVED.test(name)) return undefined;
  return `the header ${name} is set by Hookline itself; choose another name`;
}

function lengthFault(value: string): string | undefined {
  const bytes = Buffer.byteLength(value);
  return bytes > VALUE_MAX
    ? `the value has ${bytes} bytes; at most ${VALUE_MAX} are taken`
    : undefined;
}

/** All faults of how to authenticate, with fields under `auth`. Credentials are never repeated. */
export function checkAuth(auth: EndpointAuth): FieldViolation[] {
  switch (auth.kind) {
    case 'bearer':
      return faultAt('auth.bearer.token', credentialFault(auth.token));
    case 'basic':
      return [
        ...faultAt('auth.basic.username', usernameFault(auth.username)),
        ...faultAt('auth.basic.password', textFault(auth.password, { max: CREDENTIAL_MAX })),
      ];
    case 'header':
      return [
        ...faultAt(
          'auth.header.name',
          headerNameFault(auth.name) ?? checkHeader(auth.name, '')?.reason,
        ),
        ...faultAt('auth.header.value', credentialFault(auth.value)),
      ];
  }
}

function credentialFault(text: string): string | undefined {
  const fault = textFault(text, { min: 1, max: CREDENTIAL_MAX });
  if (fault !== undefined) return fault;
  // Header values are bytes; only these are the same in every encoding.
  return /^[\x20-\x7e]*$/.test(text)
    ? undefined
    : 'it holds characters outside ASCII; use ASCII only';
}

function usernameFault(username: string): string | undefined {
  if (username.includes(':')) return 'a user name of Basic authentication cannot hold a colon';
  return textFault(username, { min: 1, max: USERNAME_MAX });
}
