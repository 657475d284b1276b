import { readFileSync } from 'node:fs';

const manifest = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };

/** What runs here. */
export interface BuildInfo {
  /** Of Hookline, as its package says. */
  readonly version: string;
  /** Which build of it: HOOKLINE_BUILD, which an image sets; `source` for a checkout. */
  readonly build: string;
}

export function buildInfo(env: Readonly<Record<string, string | undefined>>): BuildInfo {
  const given = env.HOOKLINE_BUILD?.trim() ?? '';
  const build = /^[\x21-\x7e]{1,64}$/.test(given) ? given : 'source';
  return { version: manifest.version, build };
}
