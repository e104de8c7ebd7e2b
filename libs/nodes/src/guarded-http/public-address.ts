import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What is allotted to hosts of the internet; all else of IPv6 leads somewhere else or nowhere. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Public by its range, though it answers inside of a cloud only: its metadata and DNS. */
const INTERNAL = new Set(['168.63.129.16']);

/**
 * Whether an address is one of a host on the internet. Not: loopback, private and shared networks, link-local, multicast, reserved and
 * documentation ranges, and whatever holds an IPv4 address in an IPv6 one, since a gateway would turn it into a call to that.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%') || INTERNAL.has(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST);
}
