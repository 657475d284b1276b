import { ContractError } from '@hookline/contracts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The value of an attribute that came in a header, decoded as the HTTP binding 1.0.2 asks: quotes of
 * older versions undone first, then one round of percent-decoding, in either case of the digits.
 * Throws ContractError when the bytes are no UTF-8.
 */
export function decodeHeaderValue(name: string, value: string): string {
  const plain = unquoted(value.trim());
  return plain.replaceAll(/(%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return utf8.decode(Buffer.from(run.replaceAll('%', ''), 'hex'));
    } catch {
      throw new ContractError(
        'invalid_cloud_event',
        `header ${name} is percent-encoded, but not as UTF-8; encode the UTF-8 bytes of each character`,
        name,
      );
    }
  });
}

function unquoted(value: string): string {
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  return quoted === undefined ? value : quoted.replaceAll(/\\(.)/gs, '$1');
}
