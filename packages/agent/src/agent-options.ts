import { readFileSync } from 'node:fs';
import { type AgentIdentity, checkIdentity, readIdentity } from './agent-credentials.ts';
import { AgentError } from './agent-error.ts';
import type { SpoolLimits } from './spool.ts';

export interface AgentOptions {
  /** Where NATS is: `nats://host:4222`, or several, one of which is used. */
  readonly servers: string | readonly string[];
  /** The path of the `.creds` file minted for this host; read again at every connect, so it can be renewed. */
  readonly credsPath?: string;
  /** Its text instead. */
  readonly creds?: string;
  /** Who one is, on a NATS without credentials; otherwise the credentials say it. */
  readonly identity?: AgentIdentity;
  /** What NATS' monitoring shows. Default: `hookline-agent`. */
  readonly name?: string;
  /** How long to wait for a server at first. Default: 30,000 ms; afterwards it reconnects for ever. */
  readonly connectTimeoutMs?: number;
  /** Ends the waiting for a server at first; `connectAgent` then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Events kept until they are confirmed; one more is refused. Default: 10,000. */
  readonly spoolEventsMax?: number;
  /** Their bytes; what exceeds them is refused. Default: 64 MiB. */
  readonly spoolBytesMax?: number;
  /**
   * Events sent and unconfirmed at once. Default: 256. With 1 the next is sent only after the one
   * before is confirmed: the order then holds whatever is lost on the way, at a few hundred a second.
   */
  readonly windowMax?: number;
  /** When an event that is not confirmed is published again; doubled each time, up to 60 s. Default: 5,000 ms. */
  readonly confirmTimeoutMs?: number;
  /** Says now and then that the agent is there. Default: no heartbeats. */
  readonly heartbeat?: HeartbeatOptions;
  /** Hears when the connection is lost and when it is back. It must not throw. */
  readonly onConnection?: (change: ConnectionChange) => void;
}

export interface HeartbeatOptions {
  /** How often; at least 1,000 ms. */
  readonly everyMs: number;
  /** What to tell with it, as an object of at most 4 KiB in JSON. Default: `{}`. */
  readonly data?: () => object;
}

export type ConnectionChange =
  | { readonly kind: 'lost'; readonly server: string }
  | { readonly kind: 'back'; readonly server: string }
  /** The server does not take the credentials, or not this use of them; the agent goes on trying. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Options, checked, with the defaults filled in. */
export interface AgentSettings {
  readonly servers: string[];
  readonly identity: AgentIdentity;
  /** Undefined without credentials. */
  readonly readCreds: (() => Uint8Array) | undefined;
  readonly name: string;
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly spool: SpoolLimits;
  readonly heartbeat: HeartbeatOptions | undefined;
  readonly onConnection: (change: ConnectionChange) => void;
}

/** @throws AgentError `invalid_credentials`; RangeError for a number that could never work */
export function readOptions(options: AgentOptions): AgentSettings {
  const readCreds = credsReader(options);
  const { identity, heartbeat } = options;
  if (identity === undefined && readCreds === undefined) {
    throw new AgentError(
      'invalid_credentials',
      'neither credentials nor an identity are given: give credsPath, the file minted for this host',
    );
  }
  if (heartbeat !== undefined) checkAtLeast('heartbeat.everyMs', heartbeat.everyMs, 1_000);
  const spool = {
    eventsMax: options.spoolEventsMax ?? 10_000,
    bytesMax: options.spoolBytesMax ?? 64 * 1024 * 1024,
    windowMax: options.windowMax ?? 256,
    confirmTimeoutMs: options.confirmTimeoutMs ?? 5_000,
  };
  checkAtLeast('spoolEventsMax', spool.eventsMax, 1);
  checkAtLeast('spoolBytesMax', spool.bytesMax, 1);
  checkAtLeast('windowMax', spool.windowMax, 1);
  checkAtLeast('confirmTimeoutMs', spool.confirmTimeoutMs, 100);
  return {
    servers: [options.servers].flat(),
    identity:
      identity === undefined
        ? readIdentity(new TextDecoder().decode(readCreds?.()))
        : checkIdentity(identity),
    readCreds,
    name: options.name ?? 'hookline-agent',
    connectTimeoutMs: options.connectTimeoutMs ?? 30_000,
    signal: options.signal,
    spool,
    heartbeat,
    onConnection: options.onConnection ?? (() => {}),
  };
}

function credsReader({ credsPath, creds }: AgentOptions): (() => Uint8Array) | undefined {
  if (creds !== undefined) return () => new TextEncoder().encode(creds);
  if (credsPath === undefined) return undefined;
  return () => {
    try {
      return readFileSync(credsPath);
    } catch (error) {
      throw new AgentError(
        'invalid_credentials',
        `the credentials file ${credsPath} cannot be read (${(error as NodeJS.ErrnoException).code}): give the path of the one minted for this host`,
        { cause: error },
      );
    }
  };
}

function checkAtLeast(name: string, value: number, least: number): void {
  if (!Number.isFinite(value) || value < least) {
    throw new RangeError(`${name} is ${value}; use ${least} or more`);
  }
}
