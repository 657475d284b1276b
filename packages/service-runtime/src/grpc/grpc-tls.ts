import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import {
  type ChannelCredentials,
  credentials,
  experimental,
  type ServerCredentials,
} from '@grpc/grpc-js';
import type { Logger } from '@hookline/telemetry';
import { StartError } from '../start-error.ts';

/** Paths of PEM files. */
export interface GrpcTlsPaths {
  /** The certificate and those between it and its authority. */
  readonly certPath: string;
  readonly keyPath: string;
}

/** A certificate is read again this often: a renewed one is taken by connections from then on. */
const REREAD_MS = 60_000;

export interface GrpcServerTls {
  readonly credentials: ServerCredentials;
  stop(): void;
}

/**
 * Credentials of a gRPC server from files. They are read again every minute; a change counts for new
 * connections, and one that is no key pair is logged and leaves the present one in use.
 *
 * @throws StartError when the files cannot be read, or do not belong together
 */
export async function openGrpcServerTls(
  paths: GrpcTlsPaths,
  logger: Logger,
  rereadMs = REREAD_MS,
): Promise<GrpcServerTls> {
  let current = await readPair(paths).catch((error: unknown) => {
    throw new StartError(
      `the TLS certificate of gRPC cannot be used: ${(error as Error).message}`,
      'set HOOKLINE_GRPC_TLS_CERT and HOOKLINE_GRPC_TLS_KEY to the PEM files of a certificate and its key',
    );
  });
  const listeners = new Set<experimental.IdentityCertificateUpdateListener>();
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener() {},
    removeCaCertificateListener() {},
    addIdentityCertificateListener(listener) {
      listeners.add(listener);
      process.nextTick(listener, current);
    },
    removeIdentityCertificateListener: (listener) => void listeners.delete(listener),
  };
  const reread = async (): Promise<void> => {
    try {
      const next = await readPair(paths);
      if (next.certificate.equals(current.certificate)) return;
      current = next;
      for (const listener of listeners) listener(current);
      logger.info('the TLS certificate of gRPC was renewed');
    } catch (error) {
      logger.error({ err: error }, 'the renewed TLS certificate of gRPC cannot be used');
    }
  };
  const timer = setInterval(() => void reread(), rereadMs);
  timer.unref();
  return {
    credentials: experimental.createCertificateProviderServerCredentials(provider, null, false),
    stop: () => clearInterval(timer),
  };
}

/**
 * Credentials of a client: plain text without an authority, else TLS that trusts that one alone.
 *
 * @throws StartError when the file cannot be read
 */
export async function grpcClientCredentials(
  caPath: string | undefined,
): Promise<ChannelCredentials> {
  if (caPath === undefined) return credentials.createInsecure();
  try {
    return credentials.createSsl(await readFile(caPath));
  } catch (error) {
    throw new StartError(
      `the certificate authority of gRPC cannot be used: ${(error as Error).message}`,
      'set HOOKLINE_GRPC_TLS_CA to the PEM file of the authority that signed HOOKLINE_GRPC_TLS_CERT',
    );
  }
}

async function readPair({ certPath, keyPath }: GrpcTlsPaths) {
  const [certificate, privateKey] = await Promise.all([readFile(certPath), readFile(keyPath)]);
  // Throws when they do not belong together, before a server refuses every handshake by them.
  createSecureContext({ cert: certificate, key: privateKey });
  return { certificate, privateKey };
}
