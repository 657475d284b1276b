import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { type ConnectTcp, connectFirst, type OpenSocket, openDirectly } from './connect-first.ts';
import { codeOf, describe } from './errors.ts';
import { openSession } from './http2-session.ts';
import { type JudgeDeps, type JudgedAddress, judgeAddresses } from './judge-addresses.ts';
import type { DialFailure, RequestPhase } from './outcome.ts';
import type { ForwardProxy } from './proxy.ts';
import { parseAddress } from './subnets.ts';
import { handshake } from './tls-handshake.ts';
import { openTunnel, ProxyError } from './tunnel.ts';
import type { Target } from './url-rules.ts';

export type DialResult =
  | {
      readonly ok: true;
      readonly socket: Socket;
      readonly remoteAddress: string;
      /** HTTP/2 was agreed on. */
      readonly session?: ClientHttp2Session;
    }
  | { readonly ok: false; readonly failure: DialFailure };

export interface DialDeps extends JudgeDeps {
  readonly connect: ConnectTcp;
  readonly secureContext: () => SecureContext;
  /** Carries what goes to public addresses. */
  readonly proxy: ForwardProxy | undefined;
}

export interface DialOptions {
  readonly target: Target;
  /** Offer HTTP/1.1 alone. */
  readonly http1Only: boolean;
  readonly deps: DialDeps;
  /** Called once, never synchronously, and not after a cancel. */
  readonly done: (result: DialResult) => void;
}

/** A connection being made. `cancel` closes what is open. */
export interface Dial {
  readonly phase: () => RequestPhase;
  readonly cancel: () => void;
}

interface Candidate {
  readonly open: OpenSocket;
  readonly address: string;
  readonly isDirect: boolean;
}

/**
 * Makes one connection for a target: resolves once, refuses when any answer is forbidden, dials
 * exactly the addresses judged (or has the proxy do so), compares the peer's address with the one
 * dialled, for https verifies the certificate for the URL's host, and begins HTTP/2 where the
 * receiver chose it.
 */
export function dial({ target, http1Only, deps, done }: DialOptions): Dial {
  let phase: RequestPhase = 'dns';
  let cancelled = false;
  let abandon = () => {};

  function fail(failure: DialFailure): void {
    if (!cancelled) done({ ok: false, failure });
  }

  function connectTo(addresses: readonly JudgedAddress[]): void {
    phase = 'connect';
    abandon = connectFirst({
      candidates: addresses.map((judged) => candidateOf(judged, target, deps)),
      done(error, won) {
        if (won === undefined) fail(connectionFailure(target, error));
        else connected(won.socket, won.candidate);
      },
    });
  }

  function connected(socket: Socket, { address, isDirect }: Candidate): void {
    abandon = () => socket.destroy();
    if (isDirect && !isPeer(socket, address)) {
      socket.destroy();
      fail({
        kind: 'refused',
        code: 'address_not_allowed',
        error: `The connection for ${target.host} did not reach the address that was checked.`,
        ...(socket.remoteAddress === undefined ? {} : { address: socket.remoteAddress }),
      });
    } else if (target.secure) {
      secure(socket, address);
    } else {
      done({ ok: true, socket, remoteAddress: address });
    }
  }

  function secure(tcp: Socket, remoteAddress: string): void {
    phase = 'tls';
    const { host, literal } = target;
    const protocols = http1Only ? (['http/1.1'] as const) : (['h2', 'http/1.1'] as const);
    const secureContext = deps.secureContext();
    const isAddress = literal !== undefined;
    handshake({ tcp, host, isAddress, secureContext, protocols }, (error, socket) => {
      if (cancelled) return;
      if (socket === undefined) fail(tlsFailure(target, error));
      else if (socket.alpnProtocol === 'h2') beginHttp2(socket, remoteAddress);
      else done({ ok: true, socket, remoteAddress });
    });
  }

  function beginHttp2(socket: TLSSocket, remoteAddress: string): void {
    abandon = openSession({
      origin: target.origin,
      socket,
      done(error, session) {
        if (session === undefined) fail(connectionFailure(target, error));
        else done({ ok: true, socket, remoteAddress, session });
      },
    });
  }

  judgeAddresses(target, deps).then((judged) => {
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

/**
 * The proxy carries what goes to public addresses. A network of the operator's own is reached from
 * here: its addresses mean other machines where the proxy stands, the loopback the proxy itself.
 */
function candidateOf(
  { address, isAllowed }: JudgedAddress,
  { port }: Target,
  { proxy, ...deps }: DialDeps,
): Candidate {
  if (proxy === undefined || isAllowed) {
    return { address, isDirect: true, open: openDirectly(deps.connect, address, port) };
  }
  return { address, isDirect: false, open: openTunnel({ proxy, ...deps }, address, port) };
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

function connectionFailure(target: Target, error: Error | undefined): DialFailure {
  const where = `${target.host} port ${target.port}`;
  if (error instanceof ProxyError) {
    const sentence = `${where} could not be reached: ${error.message}.`;
    return { kind: 'connection_failed', code: error.code, error: sentence, requestSent: false };
  }
  const code = codeOf(error);
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
