/** A request as it was captured. */
export interface CapturedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;
const REQUEST_LINE = /^[A-Z]+ \S+( HTTP\/[\d.]+)?$/;

/**
 * Takes a captured request apart: a request line, which may be left out, a header on each line, an
 * empty line, and the body to the last byte. A body that a tool has written a line end behind would
 * never verify, so `content-length`, where it is there, says where it ends. A text says what is wrong.
 */
export function parseCapturedRequest(bytes: Buffer): CapturedRequest | string {
  const end = endOfHead(bytes);
  if (end === undefined) return 'has no empty line between headers and body';
  const lines = bytes.subarray(0, end.at).toString('utf8').split(/\r?\n/);
  const [first = ''] = lines;
  const headers: Record<string, string> = {};
  for (const line of REQUEST_LINE.test(first) ? lines.slice(1) : lines) {
    const [, name = '', value = ''] = HEADER.exec(line) ?? [];
    if (name === '') return `has a line that is no header: ${JSON.stringify(line.slice(0, 80))}`;
    headers[name.toLowerCase()] = value;
  }
  const body = bytes.subarray(end.at + end.length);
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!Number.isInteger(length)) return { headers, body };
  if (length > body.length) {
    return `has a body of ${body.length} bytes, and its content-length is ${length}: it was cut`;
  }
  return { headers, body: body.subarray(0, length) };
}

/** The empty line, with either kind of line end. */
function endOfHead(bytes: Buffer): { readonly at: number; readonly length: number } | undefined {
  const found = ['\r\n\r\n', '\n\n']
    .map((text) => ({ at: bytes.indexOf(text), length: text.length }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at);
  return found[0];
}
