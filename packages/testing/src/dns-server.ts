import { createSocket, type RemoteInfo } from 'node:dgram';
import { isIP } from 'node:net';

/** Answers for one name; `cname` is followed in the zone of the server itself. */
export type DnsAnswer =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'cname'; readonly to: string }
  /** The name does not exist. */
  | { readonly kind: 'nxdomain' }
  | { readonly kind: 'servfail' }
  /** Never answers. */
  | { readonly kind: 'silent' };

export interface DnsServer {
  /** `127.0.0.1:<port>`, as node:dns takes servers. */
  readonly address: string;
  /** How often a name was asked for, for any type. */
  readonly asked: (name: string) => number;
  /**
   * Sets what a name is, one answer after another for each type asked; the last goes on. A name that
   * was never set does not exist.
   */
  set(name: string, ...answers: readonly DnsAnswer[]): void;
  stop(): Promise<void>;
}

const types = { a: 1, cname: 5, aaaa: 28 } as const;
const codes = { servfail: 2, nxdomain: 3 } as const;

/** An authoritative name server (RFC 1035, UDP) on a free port of the loopback, for A and AAAA. */
export async function startDnsServer(): Promise<DnsServer> {
  const zone = new Map<string, readonly DnsAnswer[]>();
  const asked = new Map<string, number>();
  const socket = createSocket('udp4');

  function answerTo(name: string, type: number): DnsAnswer {
    const count = asked.get(`${name} ${type}`) ?? 0;
    asked.set(`${name} ${type}`, count + 1);
    const answers = zone.get(name) ?? [];
    return answers[Math.min(count, answers.length - 1)] ?? { kind: 'nxdomain' };
  }

  socket.on('message', (query, from: RemoteInfo) => {
    const question = readQuestion(query);
    if (question === undefined) return;
    const { name, type, end } = question;
    const records: Buffer[] = [];
    let owner = name;
    let answer = answerTo(name, type);
    for (let steps = 0; answer.kind === 'cname' && steps < 8; steps += 1) {
      records.push(record(owner, types.cname, encodeName(answer.to)));
      owner = answer.to;
      answer = answerTo(owner, type);
    }
    if (answer.kind === 'silent') return;
    if (answer.kind === 'addresses') {
      for (const address of answer.addresses) {
        const isWanted = type === (isIP(address) === 4 ? types.a : types.aaaa);
        if (isWanted) records.push(record(owner, type, encodeAddress(address)));
      }
    }
    const code = answer.kind === 'servfail' || answer.kind === 'nxdomain' ? codes[answer.kind] : 0;
    socket.send(response({ query, end, code, records }), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked: (name) =>
      (asked.get(`${name} ${types.a}`) ?? 0) + (asked.get(`${name} ${types.aaaa}`) ?? 0),
    set(name, ...answers) {
      zone.set(name, answers);
    },
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where the question ends in the message. */
  readonly end: number;
}

function readQuestion(query: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]; length !== undefined && length > 0; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > query.length) return undefined;
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function response(message: {
  readonly query: Buffer;
  readonly end: number;
  readonly code: number;
  readonly records: readonly Buffer[];
}): Buffer {
  const { query, end, code, records } = message;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // A response, authoritative, with recursion as it was desired and available.
  header.writeUInt16BE(0x8580 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(12, end), ...records]);
}

/** A record that may not be kept for a moment: its time to live is 0, as a rebinding name has it. */
function record(owner: string, type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(0, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(owner), fixed, data]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

function encodeAddress(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const embedded = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const plain =
    embedded === null
      ? address
      : `${embedded[1]}${hex(embedded[2], embedded[3])}:${hex(embedded[4], embedded[5])}`;
  const [before = '', after] = plain.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const words = after === undefined ? head : [...head, ...zeros, ...tail];
  const bytes = Buffer.alloc(16);
  for (const [index, word] of words.entries())
    bytes.writeUInt16BE(Number.parseInt(word, 16), index * 2);
  return bytes;
}

function hex(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}
