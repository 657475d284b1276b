import ipaddr from 'ipaddr.js';
import { type Address, isWithin, parseAddress, parseAllowSubnets, type Subnet } from './subnets.ts';

/**
 * Where requests may go. It is fixed for the life of a client: an open connection was judged by
 * the same policy as the request that reuses it.
 */
export interface OutboundPolicy {
  /** Reachable besides public addresses; plain http is allowed there (`HOOKLINE_ALLOW_SUBNETS`). */
  readonly allowSubnets: readonly Subnet[];
  /** Plain http to public addresses as well (`HOOKLINE_ALLOW_HTTP`). */
  readonly allowHttp: boolean;
  /** The operator's own ranges, never reachable whatever else says so. Default: none. */
  readonly denySubnets?: readonly Subnet[];
}

export type AddressVerdict =
  /** A public unicast address. `connectTo` is what to dial. */
  | { readonly kind: 'public'; readonly connectTo: string }
  /** Within an allowed subnet. `connectTo` is what to dial: IPv4-mapped notation undone. */
  | { readonly kind: 'allowed'; readonly connectTo: string }
  /** `why` completes the sentence "it is …". */
  | { readonly kind: 'forbidden'; readonly why: string };

/**
 * Judges one IP address. Public means IPv4 unicast, or IPv6 within 2000::/3 (all that IANA has
 * given out as global unicast), and in none of the special-purpose registries (RFC 6890 and
 * later): whatever embeds or tunnels to an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo,
 * ISATAP) is refused, since it would reach the embedded address. An allowed subnet opens its
 * addresses in IPv4 and in IPv4-mapped notation alike.
 */
export function classifyAddress(text: string, policy: OutboundPolicy): AddressVerdict {
  const parsed = parseAddress(text);
  if (parsed === undefined) return { kind: 'forbidden', why: 'not an IP address' };
  const mapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress();
  const address: Address = mapped ? parsed.toIPv4Address() : parsed;
  if (policy.denySubnets !== undefined && isWithin(address, policy.denySubnets)) {
    return { kind: 'forbidden', why: 'in a range closed by the operator' };
  }
  const connectTo = address.toString();
  if (isWithin(address, policy.allowSubnets)) return { kind: 'allowed', connectTo };
  if (mapped) return { kind: 'forbidden', why: 'an IPv4-mapped address' };
  const why = address instanceof ipaddr.IPv6 ? forbiddenIPv6(address) : forbiddenIPv4(address);
  return why === undefined ? { kind: 'public', connectTo } : { kind: 'forbidden', why };
}

const rangeNames: Readonly<Record<string, string>> = {
  '6to4': 'a 6to4 address',
  amt: 'a multicast tunnelling address',
  as112: 'an AS112 address',
  as112v6: 'an AS112 address',
  benchmarking: 'a benchmarking address',
  broadcast: 'the broadcast address',
  carrierGradeNat: 'a shared (carrier-grade NAT) address',
  deprecatedSiteLocal: 'a site-local address',
  discard: 'a discard-only address',
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
  multicast: 'a multicast address',
  private: 'a private address',
  reserved: 'a reserved address',
  rfc6052: 'a NAT64 address',
  rfc6145: 'an IPv4-translated address',
  segmentRouting: 'a segment routing address',
  teredo: 'a Teredo address',
  uniqueLocal: 'a unique local (private) address',
  unspecified: 'the unspecified address',
};

/**
 * Unicast by ipaddr.js, yet not to be reached: 168.63.129.16 is Azure's host agent, which answers
 * from every virtual machine there and hands out its secrets.
 */
const closedIPv4 = subnets('168.63.129.16/32');
const globalUnicastIPv6 = subnets('2000::/3');

function forbiddenIPv4(address: ipaddr.IPv4): string | undefined {
  const range = address.range();
  if (range !== 'unicast') return rangeNames[range] ?? `a ${range} address`;
  return isWithin(address, closedIPv4) ? 'a cloud platform address' : undefined;
}

function forbiddenIPv6(address: ipaddr.IPv6): string | undefined {
  const range = address.range();
  if (range !== 'unicast') return rangeNames[range] ?? `a ${range} address`;
  // ::a.b.c.d (IPv4-compatible), 100:0:0:1::/64, 4000::/3 and the like pass as unicast.
  if (!isWithin(address, globalUnicastIPv6)) return 'outside the global unicast range 2000::/3';
  // RFC 5214: the interface identifier 0000:5efe or 0200:5efe is followed by an IPv4 address.
  const isatap =
    (address.parts[4] === 0 || address.parts[4] === 0x200) && address.parts[5] === 0x5efe;
  return isatap ? 'an ISATAP address' : undefined;
}

function subnets(text: string): readonly Subnet[] {
  const parsed = parseAllowSubnets(text);
  return parsed.ok ? parsed.subnets : [];
}
