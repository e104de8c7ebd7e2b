import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** What is allotted to hosts of the internet; all else of IPv6 leads somewhere else or nowhere. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Where clouds keep the credentials and the settings of a machine, and its name servers. Most stand in ranges that are not public anyway; that one
 * of those is allowed as a whole opens none of these.
 */
const METADATA: ReadonlySet<string> = new Set(
  [
    // AWS and most others; its name server and clock; containers and pods.
    ...['169.254.169.254', '169.254.169.253', '169.254.169.123', '169.254.170.2', '169.254.170.23'],
    ...['fd00:ec2::254', 'fd00:ec2::253', 'fd00:ec2::123', 'fd00:ec2::23'],
    // Google, Azure, Oracle (today's and the classic one), Alibaba, Tencent, Scaleway.
    ...['fd20:ce::254', '168.63.129.16', 'fd00:c1::a9fe:a9fe', '192.0.0.192', '100.100.100.200', '169.254.0.23'],
    ...['169.254.42.42', 'fd00:42::42'],
  ].map(normalAddress),
);

/** Public by their range, though they answer inside of a cloud only: Azure's host, Equinix's metadata, services of IBM and of Google. */
const INSIDE_OF_CLOUDS: readonly Network[] = [
  ...['168.63.129.16/32', '192.80.8.124/32', '161.26.0.0/16', '166.8.0.0/14', '199.36.153.4/30', '199.36.153.8/30'],
  ...['2600:2d00:2:1000::/64', '2600:2d00:2:2000::/64'],
].map((network) => ipaddr.parseCIDR(network));

/**
 * Whether an address is one of a host on the internet. Not: loopback, private and shared networks, link-local, multicast, reserved and
 * documentation ranges, and whatever holds an IPv4 address in an IPv6 one, since a gateway would turn it into a call to that.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast' || INSIDE_OF_CLOUDS.some((network) => holds(network, parsed))) return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST);
}

/** Whether a cloud gives away the credentials of the machine at this address, or an IPv6 address that stands for it. */
export function isMetadataAddress(address: string): boolean {
  return isIP(address) !== 0 && METADATA.has(normalAddress(address));
}

/** Whether the address is one of this machine, public or not: what listens there may be meant for the machine alone. */
export function isOwnAddress(address: string): boolean {
  const wanted = normalAddress(address);
  return Object.values(networkInterfaces()).some((all) => all?.some((own) => normalAddress(own.address) === wanted));
}

export function holds(network: Network, address: ReturnType<typeof ipaddr.parse>): boolean {
  return address.kind() === network[0].kind() && address.match(network);
}

/** One spelling for each address; an IPv4 one in an IPv6 one is that. */
function normalAddress(address: string): string {
  return ipaddr.process(address).toNormalizedString();
}
