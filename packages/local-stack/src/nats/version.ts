/** A version of nats-server, e.g. 2.12.1. */
export type NatsVersion = readonly [major: number, minor: number, patch: number];

/** The oldest server that Hookline runs on; Debian 12 ships 2.9.10. */
export const NATS_VERSION_MIN: NatsVersion = [2, 9, 4];

/** Takes the version out of what `nats-server --version` prints or a server's INFO says. */
export function parseNatsVersion(text: string): NatsVersion | undefined {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

export function isAtLeast(version: NatsVersion, floor: NatsVersion): boolean {
  for (const [index, part] of version.entries()) {
    const least = floor[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
