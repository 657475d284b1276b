/**
 * The receiver of the benchmark, a process of its own: a server that reads just enough HTTP/1.1 to
 * answer 204, so that it takes little of the machine from what is measured. It counts, and on demand
 * measures how long ago the events it gets were published.
 */
import { createServer, type Socket } from 'node:net';
import type { SinkCommand, SinkReport } from './messages.ts';

const ANSWERS = {
  204: Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'),
  500: Buffer.from('HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n'),
  never: undefined,
};
const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /^content-length: *(\d+)/im;
const PUBLISHED = Buffer.from('"published_us":');
/** How often the parent hears of progress; its agent may publish that much later. */
const PROGRESS_EVERY_MS = 10;

let answer: Buffer | undefined = ANSWERS[204];
let received = 0;
let reported = 0;
let latenciesUs: number[] | undefined;

const server = createServer((socket) => {
  let pending: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = takeRequests(socket, pending.length === 0 ? chunk : Buffer.concat([pending, chunk]));
  });
});

/** Answers every whole request in the bytes and returns what is left of them. */
function takeRequests(socket: Socket, bytes: Buffer): Buffer {
  let rest = bytes;
  for (;;) {
    const headEnd = rest.indexOf(HEAD_END);
    if (headEnd < 0) return rest;
    const length = Number(LENGTH.exec(rest.toString('latin1', 0, headEnd))?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (rest.length < end) return rest;
    take(rest.subarray(headEnd, end));
    if (answer !== undefined) socket.write(answer);
    rest = rest.subarray(end);
  }
}

function take(body: Buffer): void {
  received += 1;
  if (latenciesUs === undefined) return;
  const at = body.indexOf(PUBLISHED);
  if (at < 0) return;
  // Microseconds of the machine's monotonic clock, which all processes share.
  const publishedUs = Number.parseInt(body.toString('latin1', at + PUBLISHED.length, at + 40), 10);
  latenciesUs.push(Number(process.hrtime.bigint() / 1000n) - publishedUs);
}

function send(report: SinkReport): void {
  process.send?.(report);
}

process.on('message', (command: SinkCommand) => {
  if (command.kind === 'record') {
    latenciesUs = command.latencies ? [] : undefined;
    return;
  }
  if (command.kind === 'answer') {
    answer = ANSWERS[command.how];
    return;
  }
  const atMs = performance.now();
  send({ kind: 'snapshot', received, atMs, latenciesUs: latenciesUs ?? [] });
});
process.on('disconnect', () => process.exit());

setInterval(() => {
  if (received === reported) return;
  reported = received;
  send({ kind: 'progress', received });
}, PROGRESS_EVERY_MS);

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    send({ kind: 'listening', port: address.port });
  }
});
