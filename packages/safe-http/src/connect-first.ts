import { connect as connectSocket, type Socket } from 'node:net';

/** Opens a TCP connection to an IP address, never a name. Injected in tests only. */
export type ConnectTcp = (address: string, port: number) => Socket;

/** How long an address has before the next one is tried beside it (RFC 8305, section 5). */
const staggerMs = 250;
/** Addresses tried of one answer. */
const addressesMax = 8;

export interface ConnectFirst {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly connect: ConnectTcp;
  /** Called once, unless cancelled before. */
  readonly done: (error: Error | undefined, socket: Socket | undefined, address: string) => void;
}

export function connectTcp(address: string, port: number): Socket {
  return connectSocket({ host: address, port, noDelay: true, autoSelectFamily: false });
}

/**
 * Connects to the first of the addresses that answers ("happy eyeballs"): the next is begun when
 * one fails or has not answered within 250 ms; the slower ones are closed. Fails with the first
 * error when all have failed. The addresses are dialled as they are: nothing is resolved here.
 */
export function connectFirst(options: ConnectFirst): () => void {
  const candidates = options.addresses.slice(0, addressesMax);
  const pending = new Set<Socket>();
  let begun = 0;
  let firstError: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  let finished = false;

  function finish(): boolean {
    if (finished) return false;
    finished = true;
    clearTimeout(timer);
    for (const socket of pending) socket.destroy();
    pending.clear();
    return true;
  }

  function next(): void {
    clearTimeout(timer);
    const address = candidates[begun];
    if (finished || address === undefined) return;
    begun += 1;
    const socket = options.connect(address, options.port);
    pending.add(socket);
    // It stays for the socket's life, so that no late error of it is ever an uncaught one.
    socket.on('error', (error: Error) => {
      if (!pending.delete(socket) || finished) return;
      firstError ??= error;
      if (begun < candidates.length) next();
      else if (pending.size === 0 && finish()) options.done(firstError, undefined, address);
    });
    socket.once('connect', () => {
      pending.delete(socket);
      if (finish()) options.done(undefined, socket, address);
      else socket.destroy();
    });
    if (begun < candidates.length) timer = setTimeout(next, staggerMs);
  }

  next();
  return finish;
}
