import { X509Certificate } from 'node:crypto';

/**
 * Splits a PEM bundle into its certificates. Throws where it holds none, or one that cannot be
 * read: OpenSSL would leave it out without a word, and each delivery would fail instead.
 */
export function parseCertificateBundle(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    throw new Error('the bundle of certificate authorities holds no certificate in PEM');
  }
  for (const [at, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      throw new Error(`certificate ${at + 1} of the bundle of authorities cannot be read`);
    }
  }
  return blocks;
}
