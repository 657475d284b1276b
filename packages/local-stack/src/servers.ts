/**
 * The embedded servers alone, without the stack around them: what tests of
 * packages need that the stack itself is built on.
 */
export { freePort, isPortFree } from './free-port.ts';
export { LocalStackError } from './local-stack-error.ts';
export { openAuthority } from './nats/authority-store.ts';
export { type DebianProgram, fetchDebianProgram } from './nats/debian-package.ts';
export { type NatsServer, startNats } from './nats/server.ts';
export { findNatsServer, type NatsBinary, userCacheFolder } from './nats/server-binary.ts';
export { removeDataDir } from './postgres/data-folder.ts';
export { ensureOwner } from './postgres/owner.ts';
export { type PostgresServer, startPostgres } from './postgres/server.ts';
export type { Child } from './processes/child.ts';
export { findFreePortOffset } from './stack-ports.ts';
