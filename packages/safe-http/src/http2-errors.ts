import { constants } from 'node:http2';

/** The codes of RFC 9113 section 7, by their names there. */
const names = new Map<number, string>(
  [
    'NO_ERROR',
    'PROTOCOL_ERROR',
    'INTERNAL_ERROR',
    'FLOW_CONTROL_ERROR',
    'SETTINGS_TIMEOUT',
    'STREAM_CLOSED',
    'FRAME_SIZE_ERROR',
    'REFUSED_STREAM',
    'CANCEL',
    'COMPRESSION_ERROR',
    'CONNECT_ERROR',
    'ENHANCE_YOUR_CALM',
    'INADEQUATE_SECURITY',
    'HTTP_1_1_REQUIRED',
  ].map((name, code) => [code, name]),
);

/** A stream that ended before its response was whole. `codeName` is the receiver's word for why. */
export interface StreamError extends Error {
  readonly code: 'stream_reset';
  readonly codeName: string;
}

/**
 * What ended a stream: the error of its whole session if there was one, else its own code. A session
 * that spoke no HTTP/2 is told from one that broke.
 */
export function streamFailure(code: number, cause: Error | undefined): Error {
  const causeCode = (cause as { code?: unknown } | undefined)?.code;
  if (causeCode === 'ERR_HTTP2_ERROR') return new Error('bad response');
  if (typeof causeCode === 'string' && !causeCode.startsWith('ERR_HTTP2')) return cause as Error;
  if (code === constants.NGHTTP2_NO_ERROR || code === constants.NGHTTP2_CANCEL) {
    return Object.assign(new Error('closed'), { code: 'UND_ERR_SOCKET' });
  }
  const codeName = names.get(code) ?? `0x${code.toString(16)}`;
  return Object.assign(new Error(codeName), { code: 'stream_reset', codeName });
}

export function isStreamError(error: Error): error is StreamError {
  return (error as Partial<StreamError>).code === 'stream_reset';
}
