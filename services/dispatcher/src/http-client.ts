import { readFile } from 'node:fs/promises';
import {
  createSafeHttpClient,
  parseCertificateBundle,
  type Resolve,
  type SafeHttpClient,
} from '@hookline/safe-http';
import { reasonOf, StartError } from '@hookline/service-runtime';
import type { DispatcherConfig } from './config.ts';

/**
 * Makes the client that sends everything. Its bounds lie above the executor's, so that none of them
 * is ever met.
 *
 * @throws StartError where HOOKLINE_CA_FILE cannot be read or holds no certificates
 */
export async function openHttpClient(
  config: Pick<DispatcherConfig, 'allowSubnets' | 'allowHttp' | 'caFile' | 'proxy'>,
  resolve?: Resolve,
): Promise<SafeHttpClient> {
  const { allowSubnets, allowHttp, caFile, proxy } = config;
  return createSafeHttpClient({
    policy: { allowSubnets, allowHttp },
    connectionsPerOriginMax: 256,
    waitingPerOriginMax: 8_192,
    requestsMax: 8_192,
    ...(caFile !== undefined && { ca: await readBundle(caFile) }),
    ...(proxy !== undefined && { proxy }),
    ...(resolve !== undefined && { resolve }),
  });
}

async function readBundle(path: string): Promise<readonly string[]> {
  try {
    return parseCertificateBundle(await readFile(path, 'utf8'));
  } catch (error) {
    throw new StartError(
      `HOOKLINE_CA_FILE=${path} cannot be used: ${reasonOf(error)}`,
      'set it to a readable PEM file that holds the certificates of your authority, or unset it',
      error,
    );
  }
}
