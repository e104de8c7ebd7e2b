import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { holds } from './public-address.js';

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** What an operator lets calls reach though it is not public. Without a port: any. */
export type AllowedTarget =
  | { readonly kind: 'host'; readonly host: string; readonly port: number | null }
  | { readonly kind: 'network'; readonly network: Network; readonly port: number | null };

/** Reads `host`, `host:port`, an address or a network as `10.0.0.0/8`, each also with a port, IPv6 then in brackets; null: it is none of them. */
export function parseAllowedTarget(text: string): AllowedTarget | null {
  const [, bracketed, plain, bits, portText] = /^(?:\[([^\]]+)\]|([^/[\]]+?))(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isBareIpv6 = isIP(text.split('/')[0]!) === 6;
  const name = isBareIpv6 ? text.split('/')[0]! : (bracketed ?? plain);
  const size = isBareIpv6 ? text.split('/')[1] : bits;
  const port = isBareIpv6 || portText === undefined ? null : Number(portText);
  if (name === undefined || (port !== null && (port < 1 || port > 65_535))) return null;
  const version = isIP(name);
  if (version === 0) return bracketed === undefined && size === undefined ? hostTarget(name, port) : null;
  if (bracketed !== undefined && version !== 6) return null;
  const longest = version === 4 ? 32 : 128;
  if (size !== undefined && (!/^\d{1,3}$/.test(size) || Number(size) > longest)) return null;
  return { kind: 'network', network: ipaddr.parseCIDR(`${name}/${size ?? longest}`), port };
}

function hostTarget(name: string, port: number | null): AllowedTarget | null {
  if (!URL.canParse(`http://${name}/`) || !/^[^\s/?#@:\\]+$/.test(name)) return null;
  return { kind: 'host', host: bareHost(new URL(`http://${name}/`).hostname), port };
}

/** A host as it is compared: lower case and punycode, as URLs have it, without brackets and the dot at its end. */
export function bareHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.+$/, '');
}

/** Whether a target lets this address be called. */
export function holdsAddress(target: AllowedTarget, address: string): boolean {
  if (target.kind !== 'network' || isIP(address) === 0) return false;
  return holds(target.network, ipaddr.parse(address));
}

/** Whether a target is this address and nothing besides it. */
export function isAddress(target: AllowedTarget, address: string): boolean {
  return holdsAddress(target, address) && target.kind === 'network' && target.network[1] === (isIP(address) === 4 ? 32 : 128);
}
