import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A parsed IP address. IPv4-mapped IPv6 addresses are kept as the IPv6 they were written as. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network in CIDR notation; `text` is its canonical spelling, e.g. `10.0.0.0/8`. */
export interface Subnet {
  readonly network: Address;
  readonly prefixLength: number;
  readonly text: string;
}

export type ParsedSubnets =
  | { readonly ok: true; readonly subnets: readonly Subnet[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * Strictly parses an IP address: no octal, hexadecimal or shortened IPv4 (`net.isIP` refuses
 * them), no zone id. Answers `undefined` for anything else.
 */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return undefined;
  // ipaddr.js takes ::10.0.0.1 (IPv4-compatible) for ::ffff:10.0.0.1 (IPv4-mapped): another
  // address. Written in hexadecimal throughout it reads it right.
  const hexadecimal =
    family === 6 && text.includes('.')
      ? URL.parse(`http://[${text}]`)?.hostname.slice(1, -1)
      : text;
  return hexadecimal === undefined ? undefined : ipaddr.parse(hexadecimal);
}

/**
 * Parses `HOOKLINE_ALLOW_SUBNETS`: CIDRs separated by commas, spaces allowed around them. A lone
 * address means itself alone. Absent or blank is no subnet at all. Every fault is reported, each
 * with the entry and what would be right; one fault makes the whole text invalid.
 */
export function parseAllowSubnets(text: string | undefined): ParsedSubnets {
  const entries = (text ?? '').split(',').map((entry) => entry.trim());
  if (entries.length === 1 && entries[0] === '') return { ok: true, subnets: [] };
  const subnets: Subnet[] = [];
  const faults: string[] = [];
  for (const entry of entries) {
    const parsed = parseSubnet(entry);
    if (typeof parsed === 'string') faults.push(parsed);
    else subnets.push(parsed);
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, subnets };
}

/** Whether the address lies in one of the subnets; addresses of the other family never do. */
export function isWithin(address: Address, subnets: readonly Subnet[]): boolean {
  return subnets.some(
    ({ network, prefixLength }) =>
      network.kind() === address.kind() && address.match(network, prefixLength),
  );
}

/** Answers the subnet, or a sentence that says what is wrong with the entry. */
function parseSubnet(entry: string): Subnet | string {
  const [addressText = '', prefixText, ...rest] = entry.split('/');
  const address = parseAddress(addressText);
  if (address === undefined || rest.length > 0) {
    return `"${entry}" is not a subnet: write CIDRs like 10.0.0.0/8 or fd00::/8, separated by commas`;
  }
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  if (prefixText !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefixText)) {
    return `"${entry}" has no valid prefix length: write a number from 0 to ${bits} after the slash`;
  }
  const prefixLength = prefixText === undefined ? bits : Number(prefixText);
  if (prefixLength > bits) {
    return `"${entry}" has a prefix length over ${bits}, the size of its address`;
  }
  const network = ipaddr.parse(networkAddress(address, prefixLength));
  if (network.toNormalizedString() !== address.toNormalizedString()) {
    return `"${entry}" has bits set beyond its prefix: write ${network.toString()}/${prefixLength}`;
  }
  return unmapped(network, prefixLength);
}

function networkAddress(address: Address, prefixLength: number): string {
  const cidr = `${address.toNormalizedString()}/${prefixLength}`;
  return address.kind() === 'ipv4'
    ? ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()
    : ipaddr.IPv6.networkAddressFromCIDR(cidr).toString();
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`: one notation inside, so that both open the same hosts. */
function unmapped(network: Address, prefixLength: number): Subnet {
  if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && prefixLength >= 96) {
    const v4 = network.toIPv4Address();
    const v4Length = prefixLength - 96;
    return { network: v4, prefixLength: v4Length, text: `${v4.toString()}/${v4Length}` };
  }
  return { network, prefixLength, text: `${network.toString()}/${prefixLength}` };
}
