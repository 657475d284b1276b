import { defaultPorts, type Ports } from '@hookline/service-runtime';
import { isPortFree } from './free-port.ts';
import { LocalStackError } from './local-stack-error.ts';

/** Highest offset with which every port of a stack stays a port. */
const OFFSET_MAX = 65_535 - Math.max(...Object.values(defaultPorts));

/**
 * From here on every port of a stack lies outside 32768 to 60999, from which Linux takes the ports of
 * outgoing connections: one of them would be gone between the look and the start. Hand-chosen
 * offsets (1, 10, 100, 1000) stay clear as well.
 */
const OFFSET_MIN = 61_000 - defaultPorts.subscriptionsGrpc;

/** Of the ports that the Fetch standard forbids to browsers and to `fetch`, the one a stack could meet. */
const PORT_BLOCKED = 10_080;

/** All ports of a stack. */
export function stackPorts(offset: number): Ports {
  const entries = Object.entries(defaultPorts).map(([name, port]) => [name, port + offset]);
  return Object.fromEntries(entries);
}

/**
 * A port offset with which every port of a stack is free. Random, so that test
 * processes that search at the same time rarely find the same one.
 */
export async function findFreePortOffset(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const offset = OFFSET_MIN + Math.floor(Math.random() * (OFFSET_MAX - OFFSET_MIN));
    const ports = Object.values(stackPorts(offset));
    if (ports.includes(PORT_BLOCKED)) continue;
    const free = await Promise.all(ports.map((port) => isPortFree(port, host)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no port offset with all ports free found in 50 attempts');
}

/** Throws LocalStackError when one of the ports is taken, naming them and the way out. */
export async function checkPortsFree(
  wanted: readonly { readonly what: string; readonly port: number; readonly host: string }[],
): Promise<void> {
  const free = await Promise.all(wanted.map(({ port, host }) => isPortFree(port, host)));
  const taken = wanted.filter((_, index) => !free[index]);
  if (taken.length === 0) return;
  const names = taken.map(({ what, port }) => `${port} (${what})`).join(', ');
  const [ports, are] = taken.length === 1 ? ['port', 'is'] : ['ports', 'are'];
  throw new LocalStackError(
    'port_taken',
    `${ports} ${names} ${are} taken by another program; stop it, or move every port of this stack, for instance by HOOKLINE_PORT_OFFSET=1000`,
  );
}
