import type { Metadata } from '@grpc/grpc-js';

/** The metadata by which a client on this machine, such as the console, names its own client. */
export const FORWARDED_FOR = 'hookline-forwarded-for';

/** The address of a peer as grpc-js names it: `127.0.0.1:50312`, `[::1]:50312`, `ipv4:…`. */
export function addressOfPeer(peer: string): string {
  const bare = peer.replace(/^ipv[46]:/, '').replace(/^\[?(.*?)\]?:\d+$/, '$1');
  return bare.replace(/^::ffff:(?=\d+\.)/i, '');
}

/**
 * Where a call came from. What `hookline-forwarded-for` says is believed of a peer on the loopback
 * alone: anybody else could make the audit log say anything.
 */
export function remoteAddressOf(peer: string, metadata: Metadata): string {
  const address = addressOfPeer(peer);
  const forwarded = metadata.get(FORWARDED_FOR)[0]?.toString() ?? '';
  const isLoopback = address === '::1' || address.startsWith('127.');
  return isLoopback && /^[0-9A-Fa-f.:]{2,45}$/.test(forwarded) ? forwarded : address;
}
