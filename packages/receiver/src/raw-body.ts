import { WebhookError } from './webhook-error.ts';

/** The body as it came over the wire. A string stands for its UTF-8 bytes. */
export type RawBody = string | Uint8Array | ArrayBuffer;

/** The bytes that were signed. Throws `body_not_raw` for anything that was parsed already. */
export function bytesOf(body: RawBody): Uint8Array {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  throw new WebhookError(
    'body_not_raw',
    `the body is ${body === null ? 'null' : `of type ${typeof body}`}, not its bytes; have the framework hand over the raw body instead of parsed JSON, since the signature is over the bytes`,
  );
}

/** The text of bytes that are UTF-8, as JSON has to be. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new WebhookError('body_not_json', 'the body is no UTF-8 text');
  }
}
