import type { Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { classifyAddress, type OutboundPolicy } from './address-rules.ts';
import { type ConnectTcp, connectFirst } from './connect-first.ts';
import { codeOf, describe } from './errors.ts';
import type { DialFailure, RequestPhase } from './outcome.ts';
import type { Resolve } from './resolver.ts';
import { parseAddress } from './subnets.ts';
import { refuseAddress, type Target } from './url-rules.ts';

export type DialResult =
  | { readonly ok: true; readonly socket: Socket; readonly remoteAddress: string }
  | { readonly ok: false; readonly failure: DialFailure };

export interface DialDeps {
  readonly policy: OutboundPolicy;
  readonly resolve: Resolve;
  readonly connect: ConnectTcp;
  readonly secureContext: () => SecureContext;
}

/** A connection being made. `cancel` closes what is open; `done` is not called after it. */
export interface Dial {
  readonly phase: () => RequestPhase;
  readonly cancel: () => void;
}

/**
 * Makes one connection for a target: resolves once, refuses when any answer is forbidden, dials
 * exactly the addresses judged, compares the peer's address with the one dialled, and for https
 * verifies the certificate for the URL's host. `done` is called once, never synchronously.
 */
export function dial(target: Target, deps: DialDeps, done: (result: DialResult) => void): Dial {
  let phase: RequestPhase = 'dns';
  let cancelled = false;
  let abandon = () => {};

  function fail(failure: DialFailure): void {
    if (!cancelled) done({ ok: false, failure });
  }

  function connectTo(addresses: readonly string[]): void {
    phase = 'connect';
    abandon = connectFirst({
      addresses,
      port: target.port,
      connect: deps.connect,
      done: (error, socket, address) => {
        if (socket === undefined) fail(connectionFailure(target, error));
        else connected(socket, address);
      },
    });
  }

  function connected(socket: Socket, dialled: string): void {
    abandon = () => socket.destroy();
    if (!isPeer(socket, dialled)) {
      socket.destroy();
      fail({
        kind: 'refused',
        code: 'address_not_allowed',
        error: `The connection for ${target.host} did not reach the address that was checked.`,
        ...(socket.remoteAddress === undefined ? {} : { address: socket.remoteAddress }),
      });
    } else if (target.secure) {
      secure(socket, dialled);
    } else {
      done({ ok: true, socket, remoteAddress: dialled });
    }
  }

  function secure(tcp: Socket, remoteAddress: string): void {
    phase = 'tls';
    handshake({ tcp, target, secureContext: deps.secureContext() }, (error, socket) => {
      if (cancelled) return;
      if (socket === undefined) fail(tlsFailure(target, error));
      else done({ ok: true, socket, remoteAddress });
    });
  }

  void judgeAddresses(target, deps).then((judged) => {
    if (cancelled) return;
    if (judged.ok) connectTo(judged.addresses);
    else fail(judged.failure);
  });
  return {
    phase: () => phase,
    cancel() {
      cancelled = true;
      abandon();
    },
  };
}

/** Answers the addresses of a target that may be dialled, all of them or a failure. */
export async function judgeAddresses(
  target: Target,
  deps: Pick<DialDeps, 'policy' | 'resolve'>,
): Promise<
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly failure: DialFailure }
> {
  let answers: readonly string[];
  try {
    answers = target.literal === undefined ? await deps.resolve(target.host) : [target.host];
    if (answers.length === 0) throw Object.assign(new Error('no address'), { code: 'ENODATA' });
  } catch (error) {
    const code = codeOf(error);
    const failure = {
      kind: 'dns_failed',
      code,
      error: `${target.host} ${describe(code)}.`,
    } as const;
    return { ok: false, failure };
  }
  const addresses: string[] = [];
  for (const answer of answers) {
    const verdict = classifyAddress(answer, deps.policy);
    const refused = refuseAddress(verdict, target, deps.policy);
    if (refused !== undefined) {
      const { code, reason } = refused;
      return { ok: false, failure: { kind: 'refused', code, error: reason, address: answer } };
    }
    if (verdict.kind !== 'forbidden') addresses.push(verdict.connectTo);
  }
  return { ok: true, addresses };
}

/** Whether the peer is the address dialled; both in whatever notation the system chose. */
function isPeer(socket: Socket, dialled: string): boolean {
  const peer = parseAddress(socket.remoteAddress ?? '');
  const expected = parseAddress(dialled);
  if (peer === undefined || expected === undefined) return false;
  const plain =
    peer.kind() === 'ipv6' && 'isIPv4MappedAddress' in peer && peer.isIPv4MappedAddress()
      ? peer.toIPv4Address()
      : peer;
  return plain.toNormalizedString() === expected.toNormalizedString();
}

interface Handshake {
  readonly tcp: Socket;
  readonly target: Target;
  readonly secureContext: SecureContext;
}

function handshake(
  { tcp, target, secureContext }: Handshake,
  done: (error: Error | undefined, socket: Socket | undefined) => void,
): void {
  const host = target.host.endsWith('.') ? target.host.slice(0, -1) : target.host;
  const socket = connectTls({
    socket: tcp,
    host,
    // RFC 6066 forbids addresses as server names; the certificate is checked against `host`.
    servername: target.literal === undefined ? host : '',
    secureContext,
    // Explicit, since NODE_TLS_REJECT_UNAUTHORIZED=0 turns the default off.
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  });
  let finished = false;
  socket.on('error', (error: Error) => {
    if (finished) return;
    finished = true;
    socket.destroy();
    tcp.destroy();
    done(error, undefined);
  });
  socket.once('secureConnect', () => {
    if (finished) return;
    finished = true;
    done(undefined, socket);
  });
}

function connectionFailure(target: Target, error: Error | undefined): DialFailure {
  const code = codeOf(error);
  const where = `${target.host} port ${target.port}`;
  return {
    kind: 'connection_failed',
    code,
    error: `${where} ${describe(code)}.`,
    requestSent: false,
  };
}

function tlsFailure(target: Target, error: Error | undefined): DialFailure {
  const code = codeOf(error);
  return {
    kind: 'tls_failed',
    code,
    error: `The TLS handshake with ${target.host} failed: ${describe(code)}.`,
  };
}
