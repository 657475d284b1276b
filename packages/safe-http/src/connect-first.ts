import { connect as connectSocket, type Socket } from 'node:net';

/** Opens a TCP connection to an IP address, never a name. Injected in tests only. */
export type ConnectTcp = (address: string, port: number) => Socket;

/**
 * Begins a connection, directly or through a proxy. `done` is called at most once and never
 * synchronously; the answer gives the connection up, after which `done` is not called.
 */
export type OpenSocket = (
  done: (error: Error | undefined, socket: Socket | undefined) => void,
) => () => void;

/** How long an address has before the next one is tried beside it (RFC 8305, section 5). */
const staggerMs = 250;
/** Addresses tried of one answer. */
const addressesMax = 8;

export interface ConnectFirst<C extends { readonly open: OpenSocket }> {
  readonly candidates: readonly C[];
  /** Called once, unless cancelled before. */
  readonly done: (
    error: Error | undefined,
    won: { readonly socket: Socket; readonly candidate: C } | undefined,
  ) => void;
}

export function connectTcp(address: string, port: number): Socket {
  return connectSocket({ host: address, port, noDelay: true, autoSelectFamily: false });
}

/** A plain connection to one address. */
export function openDirectly(connect: ConnectTcp, address: string, port: number): OpenSocket {
  return (done) => {
    const socket = connect(address, port);
    let pending = true;
    const finish = (error: Error | undefined) => {
      if (!pending) return;
      pending = false;
      done(error, error === undefined ? socket : undefined);
    };
    // It stays for the socket's life, so that no late error of it is ever an uncaught one.
    socket.on('error', finish);
    socket.once('connect', () => finish(undefined));
    return () => {
      pending = false;
      socket.destroy();
    };
  };
}

/**
 * Connects to the first candidate that answers ("happy eyeballs"): the next is begun when one
 * fails or has not answered within 250 ms; the slower ones are closed. Fails with the first error
 * when all have failed. Answers a function that gives it up.
 */
export function connectFirst<C extends { readonly open: OpenSocket }>(
  options: ConnectFirst<C>,
): () => void {
  const candidates = options.candidates.slice(0, addressesMax);
  const pending = new Set<() => void>();
  let begun = 0;
  let firstError: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  let finished = false;

  function finish(): boolean {
    if (finished) return false;
    finished = true;
    clearTimeout(timer);
    for (const giveUp of pending) giveUp();
    pending.clear();
    return true;
  }

  function next(): void {
    clearTimeout(timer);
    const candidate = candidates[begun];
    if (finished || candidate === undefined) return;
    begun += 1;
    const giveUp = candidate.open((error, socket) => {
      pending.delete(giveUp);
      if (socket !== undefined) {
        if (finish()) options.done(undefined, { socket, candidate });
        else socket.destroy();
        return;
      }
      firstError ??= error;
      if (begun < candidates.length) next();
      else if (pending.size === 0 && finish()) options.done(firstError, undefined);
    });
    pending.add(giveUp);
    if (begun < candidates.length) timer = setTimeout(next, staggerMs);
  }

  next();
  return finish;
}
