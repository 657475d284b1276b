import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { OutboundPolicy } from './address-rules.ts';
import { parseCertificateBundle } from './certificate-bundle.ts';
import { type ConnectTcp, connectTcp } from './connect-first.ts';
import type { DialDeps } from './dial.ts';
import { Exchange } from './exchange.ts';
import { createIdleConnections } from './idle-connections.ts';
import { judgeAddresses } from './judge-addresses.ts';
import { OriginPool, type PoolLimits } from './origin-pool.ts';
import type { HttpOutcome, UntimedOutcome } from './outcome.ts';
import type { ForwardProxy } from './proxy.ts';
import { createRequestCheck, type HttpRequest } from './request.ts';
import { createSystemResolver, type Resolve } from './resolver.ts';
import {
  type CheckedRequest,
  checkRequestUrl,
  createUrlCheck,
  type Target,
  type UrlCheck,
  type UrlRefusal,
} from './url-rules.ts';

export interface SafeHttpOptions {
  readonly policy: OutboundPolicy;
  /** Simultaneous requests to one origin, whatever it speaks; more wait. Default: 64. */
  readonly connectionsPerOriginMax?: number;
  /** Requests waiting for a connection of one origin; more are `overloaded`. Default: 1,024. */
  readonly waitingPerOriginMax?: number;
  /** Requests under way or waiting, over all origins; more are `overloaded`. Default: 4,096. */
  readonly requestsMax?: number;
  /** How long a free connection is kept. Default: 10,000. */
  readonly idleMs?: number;
  /** Free connections over all origins; beyond, the least recently used is closed. Default: 1,024. */
  readonly idleConnectionsMax?: number;
  /** Resolving, connecting and TLS of one connection, within each request's deadline. Default: 10,000. */
  readonly dialTimeoutMs?: number;
  /** An older connection is closed when it is free, so that changes in DNS are followed. Default: 300,000. */
  readonly connectionAgeMsMax?: number;
  /** Certificates in PEM trusted besides the system's: a private authority's bundle. */
  readonly ca?: string | readonly string[];
  /** Carries what goes to public addresses; see parseProxy(). Default: none. */
  readonly proxy?: ForwardProxy;
  /** How names are resolved. Default: the system's hosts file and DNS. */
  readonly resolve?: Resolve;
  /** How sockets are opened, for tests of the check that follows. Default: node:net. */
  readonly connect?: ConnectTcp;
}

/** All outgoing HTTP of a process goes through one of these. */
export interface SafeHttpClient {
  /** Sends one request and answers what became of it. Never rejects, never follows a redirect. */
  send(request: HttpRequest): Promise<HttpOutcome>;
  /**
   * Checks a URL at registration: as `checkUrl`, and its name's addresses where it resolves within
   * `timeoutMs` (default 3,000). A name that does not resolve is no refusal: each send looks again.
   */
  checkUrl(url: string, timeoutMs?: number): Promise<UrlCheck>;
  /** What is open, for metrics and tests. */
  stats(): { readonly requests: number; readonly origins: number; readonly idle: number };
  /**
   * Refuses further requests, waits for those under way at most `graceMs` (default: their own
   * deadlines), cancels the rest, and closes every connection. Safe to call again.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export function createSafeHttpClient(options: SafeHttpOptions): SafeHttpClient {
  const { policy, requestsMax = 4_096 } = options;
  const limits = limitsOf(options);
  const idle = createIdleConnections(options.idleConnectionsMax ?? 1_024);
  const dialDeps: DialDeps = {
    policy,
    resolve: options.resolve ?? createSystemResolver(),
    connect: options.connect ?? connectTcp,
    secureContext: createLazySecureContext(options.ca),
    proxy: options.proxy,
  };
  const checkKnownUrl = createUrlCheck(policy);
  const checkRequest = createRequestCheck();
  const pools = new Map<string, OriginPool>();
  const running = new Set<Exchange>();
  let closing: Promise<void> | undefined;
  let onDrained = () => {};

  function poolOf(target: Target): OriginPool {
    const existing = pools.get(target.origin);
    if (existing !== undefined) return existing;
    const pool = new OriginPool({
      target,
      dial: dialDeps,
      limits,
      idle,
      onEmpty: () => {
        if (pools.get(target.origin) === pool) pools.delete(target.origin);
      },
    });
    pools.set(target.origin, pool);
    return pool;
  }

  /** What the request needs to begin, or the outcome it has already. */
  function prepare(request: HttpRequest): CheckedRequest | UntimedOutcome {
    if (closing !== undefined) return cancelled('The HTTP client is closing.');
    if (request.signal?.aborted) return cancelled('The request was cancelled.');
    const checked = checkKnownUrl(request.url);
    if (!checked.ok) return refused(checked);
    const fault = checkRequest(request);
    if (fault !== undefined) return refused(fault);
    if (running.size >= requestsMax) {
      return { kind: 'overloaded', error: `${requestsMax} requests are already under way.` };
    }
    return checked;
  }

  function begin(request: HttpRequest, settle: (outcome: HttpOutcome) => void): void {
    const startedAt = performance.now();
    const prepared = prepare(request);
    if ('kind' in prepared) {
      settle({ ...prepared, durationMs: performance.now() - startedAt });
      return;
    }
    const { target, path } = prepared;
    const pool = poolOf(target);
    const exchange = new Exchange({
      request,
      path,
      host: target.host,
      carrier: pool,
      startedAt,
      settle(settled, outcome) {
        running.delete(settled);
        settle(outcome);
        if (running.size === 0) onDrained();
      },
    });
    running.add(exchange);
    pool.submit(exchange);
  }

  async function drain(graceMs: number | undefined): Promise<void> {
    for (const pool of [...pools.values()]) pool.close();
    if (running.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = graceMs === undefined ? undefined : setTimeout(resolve, graceMs);
        onDrained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const exchange of [...running]) exchange.cancel('The HTTP client was closed.');
    for (const pool of [...pools.values()]) pool.destroy();
  }

  return {
    send: (request) => new Promise((resolve) => begin(request, resolve)),
    checkUrl: (url, timeoutMs = 3_000) => checkWithAddresses({ url, timeoutMs }, dialDeps),
    stats: () => ({ requests: running.size, origins: pools.size, idle: idle.size() }),
    close({ graceMs } = {}) {
      closing ??= drain(graceMs);
      return closing;
    },
  };
}

function refused({ code, reason }: UrlRefusal): UntimedOutcome {
  return { kind: 'refused', code, error: reason };
}

function cancelled(error: string): UntimedOutcome {
  return { kind: 'cancelled', error, requestSent: false };
}

function limitsOf(options: SafeHttpOptions): PoolLimits {
  return {
    connectionsPerOriginMax: options.connectionsPerOriginMax ?? 64,
    waitingPerOriginMax: options.waitingPerOriginMax ?? 1_024,
    idleMs: options.idleMs ?? 10_000,
    dialTimeoutMs: options.dialTimeoutMs ?? 10_000,
    connectionAgeMsMax: options.connectionAgeMsMax ?? 300_000,
  };
}

/** Made once, at the first https request, since parsing the authorities takes tens of milliseconds. */
function createLazySecureContext(ca: SafeHttpOptions['ca']): () => SecureContext {
  const bundle = ca === undefined ? [] : [ca].flat().flatMap(parseCertificateBundle);
  let context: SecureContext | undefined;
  return () => {
    context ??= createSecureContext({
      ca: [...getCACertificates('default'), ...bundle],
      // Explicit, since --tls-min-v1.0 in NODE_OPTIONS turns the default down.
      minVersion: 'TLSv1.2',
    });
    return context;
  };
}

async function checkWithAddresses(
  { url, timeoutMs }: { readonly url: string; readonly timeoutMs: number },
  deps: DialDeps,
): Promise<UrlCheck> {
  const checked = checkRequestUrl(url, deps.policy);
  if (!checked.ok) return checked;
  const deadline = Promise.withResolvers<undefined>();
  const timer = setTimeout(deadline.resolve, timeoutMs, undefined);
  const judged = await Promise.race([judgeAddresses(checked.target, deps), deadline.promise]);
  clearTimeout(timer);
  if (judged !== undefined && !judged.ok && judged.failure.kind === 'refused') {
    return { ok: false, code: judged.failure.code, reason: judged.failure.error };
  }
  return { ok: true, url: checked.url };
}
