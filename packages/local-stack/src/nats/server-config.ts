import type { StoredAuthority } from '@hookline/nats-authority';
import { bracketed } from '../host.ts';
import { isAtLeast, type NatsVersion } from './version.ts';

export interface NatsConfigOptions {
  readonly version: NatsVersion;
  readonly host: string;
  readonly port: number;
  /** Folder of JetStream's streams and of the accounts the server knows. */
  readonly storeDir: string;
  /** Absent: one open account for everybody, as a bare NATS server has it. */
  readonly operatorMode?: StoredAuthority;
  /** Where the server answers `/healthz` and shows its state, on its own loopback; by default nowhere. */
  readonly monitorPort?: number;
  /** False only in tests: writes are then flushed to disk by the minute, not each before its answer. */
  readonly durable: boolean;
}

/** An agent's message may have 256 KiB and a batch between services 512 KiB; headers come on top. */
const PAYLOAD_BYTES_MAX = 1024 * 1024;

/** The configuration file of a single nats-server, fitted to its version. */
export function natsServerConfig(options: NatsConfigOptions): string {
  const { version, host, port, storeDir, operatorMode } = options;
  const lines = [
    'server_name: hookline',
    `listen: ${quoted(`${bracketed(host)}:${port}`)}`,
    `max_payload: ${PAYLOAD_BYTES_MAX}`,
    // A client that reads too slowly is cut after this much, not after the 64 MiB of the default.
    'max_pending: 33554432',
    ...(options.monitorPort === undefined ? [] : [`http: "127.0.0.1:${options.monitorPort}"`]),
    'jetstream {',
    `  store_dir: ${quoted(storeDir)}`,
    // Older servers do not start with this field; they flush every two minutes.
    // What is received but not yet committed is the only thing at stake there.
    ...(options.durable && isAtLeast(version, [2, 10, 0]) ? ['  sync_interval: always'] : []),
    '}',
  ];
  if (operatorMode !== undefined) {
    const { authority, claims, agentAccounts } = operatorMode;
    lines.push(
      `operator: ${claims.operator}`,
      `system_account: ${authority.system.publicKey}`,
      // Type full keeps accounts in a folder, so that claims pushed while the
      // server runs (a new agent, a revoked one) outlive a restart. Of two versions
      // of an account the newer one counts.
      'resolver {',
      '  type: full',
      `  dir: ${quoted(`${storeDir}/accounts`)}`,
      '  allow_delete: false',
      '}',
      'resolver_preload {',
      `  ${authority.system.publicKey}: ${claims.system}`,
      `  ${authority.services.publicKey}: ${claims.services}`,
      ...Object.entries(agentAccounts).map(([account, jwt]) => `  ${account}: ${jwt}`),
      '}',
    );
  }
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
