import { readFileSync } from 'node:fs';
import type { Engine } from './engine.ts';

/** The images that docker-compose.yml and Dockerfile are made of, by the names that they have there. */
export interface BaseImages {
  readonly node: string;
  readonly postgres: string;
  /** With `HOOKLINE_NATS_VERSION` as its default. */
  readonly nats: string;
  /** Of the services that only a profile has, by service. */
  readonly extras: ReadonlyMap<string, string>;
}

const PULL_TIMEOUT_MS = 600_000;

/** Reads them from the two files, so that what is tested is what is there. */
export function readBaseImages(): BaseImages {
  const compose = readFileSync('docker-compose.yml', 'utf8');
  const images = new Map<string, string>();
  for (const [, service = '', image = ''] of compose.matchAll(
    /^ {2}([\w-]+):\n {4}image: (\S+)$/gm,
  )) {
    images.set(
      service,
      image.replace(/\$\{\w+:-([^}]*)\}/, (_, fallback) => fallback),
    );
  }
  const node = /^FROM (\S+) AS build$/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1];
  const { postgres, nats, ...extras } = Object.fromEntries(images);
  if (node === undefined || postgres === undefined || nats === undefined) {
    throw new Error(
      'docker-compose.yml or Dockerfile name their images in a way that is not known here',
    );
  }
  return { node, postgres, nats, extras: new Map(Object.entries(extras)) };
}

/** Fetches those of the images that the engine does not have; returns the ones that cannot be had. */
export async function fetchImages(
  engine: Engine,
  images: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const missing = new Map<string, string>();
  for (const image of images) {
    if (await has(engine, image)) continue;
    try {
      await engine.docker(['pull', '--quiet', image], { timeoutMs: PULL_TIMEOUT_MS });
    } catch (error) {
      missing.set(
        image,
        String((error as Error).message)
          .trim()
          .split('\n')
          .at(-1) ?? '',
      );
    }
  }
  return missing;
}

function has(engine: Engine, image: string): Promise<boolean> {
  return engine.docker(['image', 'inspect', image]).then(
    () => true,
    () => false,
  );
}
