import type { IncomingMessage } from 'node:http';
import { WebhookError } from './webhook-error.ts';

/**
 * Most bytes of a body, unless told otherwise: 512 KiB. The data of an event have at most 256 KiB;
 * the format's own members come on top, so that a limit of just 256 KiB would refuse the largest
 * events for ever.
 */
export const BODY_BYTES_MAX = 512 * 1024;

export interface ReadRawBodyOptions {
  readonly bytesMax?: number;
}

/**
 * Collects the body of a request of `node:http`. Throws WebhookError `body_too_large` (413) as soon
 * as the limit is passed, by `content-length` or by what comes, and lets the rest of the body run
 * dry unread, so that the sender hears the answer; `body_incomplete` when the connection ends early;
 * `body_not_raw` when something has read the body before.
 */
export function readRawBody(
  request: IncomingMessage,
  options: ReadRawBodyOptions = {},
): Promise<Buffer> {
  const { bytesMax = BODY_BYTES_MAX } = options;
  const { promise, resolve, reject } = deferred<Buffer>();
  if (request.readableEnded) {
    reject(new WebhookError('body_not_raw', 'the body was read already, by another handler'));
    return promise;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const fail = (error: WebhookError) => {
    request.off('data', take).off('end', finish).off('close', breakOff).off('error', breakOff);
    request.on('error', () => undefined).resume();
    reject(error);
  };
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) fail(tooLarge(bytesMax));
    else chunks.push(chunk);
  };
  const finish = () => resolve(Buffer.concat(chunks, bytes));
  const breakOff = () =>
    fail(new WebhookError('body_incomplete', 'the connection ended before the body did'));
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) fail(tooLarge(bytesMax));
  else if (request.destroyed) breakOff();
  else request.on('data', take).on('end', finish).on('close', breakOff).on('error', breakOff);
  return promise;
}

function tooLarge(bytesMax: number): WebhookError {
  return new WebhookError('body_too_large', `the body has more than ${bytesMax} bytes`);
}

/** `Promise.withResolvers`, which Node 18 does not have. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((...functions) => {
    [resolve, reject] = functions;
  });
  return { promise, resolve, reject };
}
