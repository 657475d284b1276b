import { isStreamError } from './http2-errors.ts';
import type { UntimedOutcome } from './outcome.ts';

/** The `code` of an error of Node or undici, else `unknown`. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'unknown';
}

const descriptions: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  EAI_AGAIN: 'could not be resolved: the name server did not answer',
  EBUSY: 'could not be resolved: too many names are being looked up',
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'cannot be reached',
  EMFILE: 'could not be reached: this process has no file descriptors left',
  ENETUNREACH: 'is in a network that cannot be reached',
  ENODATA: 'has no address',
  ENOTFOUND: 'does not exist in DNS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
  ESERVFAIL: 'could not be resolved: the name server failed',
  ERR_HTTP2_ERROR: 'does not speak the HTTP/2 that it agreed on',
  ETIMEDOUT: 'did not answer',
  ETIMEOUT: 'could not be resolved: the name server did not answer',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority that is not trusted',
  no_streams: 'takes no request at all',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate comes from an authority that is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from an authority that is not known',
};

/** The end of a sentence about the host, with the code for those who search for it. */
export function describe(code: string): string {
  return `${descriptions[code] ?? 'failed'} (${code})`;
}

/** What an error of a request that had a connection means. `host` is for the sentence. */
export function failureOf(error: Error, host: string, requestSent: boolean): UntimedOutcome {
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return { kind: 'response_too_large', error: `The response headers of ${host} exceed 16 KiB.` };
  }
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return {
      kind: 'refused',
      code: 'request_invalid',
      error: 'A header or the method is not valid.',
    };
  }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return { kind: 'tls_failed', code, error: `The TLS connection to ${host} broke (${code}).` };
  }
  return { kind: 'connection_failed', requestSent, ...connectionFailureOf(error, code, host) };
}

function connectionFailureOf(
  error: Error,
  code: string,
  host: string,
): { readonly code: string; readonly error: string } {
  if (error.name === 'HTTPParserError' || /^bad (response|upgrade)$/.test(error.message)) {
    return { code: 'malformed_response', error: `The answer of ${host} is not HTTP/1.1.` };
  }
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return {
      code: 'incomplete_response',
      error: `The response of ${host} does not have the length it announced.`,
    };
  }
  if (code === 'UND_ERR_SOCKET') {
    return { code: 'closed', error: `${host} closed the connection without a complete response.` };
  }
  if (isStreamError(error)) {
    const or = error.codeName === 'ENHANCE_YOUR_CALM' ? ', or its headers exceed 64 KiB' : '';
    return { code, error: `${host} reset the request (HTTP/2 ${error.codeName})${or}.` };
  }
  if (code === 'refused_stream') {
    return { code, error: `${host} refused the request before it looked at it (HTTP/2).` };
  }
  return { code, error: `The connection to ${host} broke: ${describe(code)}.` };
}
