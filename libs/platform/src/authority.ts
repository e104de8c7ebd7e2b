import { isIPv4, isIPv6 } from 'node:net';

/** Host and port as a `Host` header or an origin names them. */
export interface Authority {
  /** Lower case, without brackets, without the dot of a fully qualified name. */
  name: string;
  /** As written; null where the scheme's default is meant. */
  port: string | null;
}

/** Reads `name[:port]`. Null for whatever else is written there: nothing is guessed. */
export function readAuthority(text: string | undefined): Authority | null {
  const [, address, name, port = null] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::([1-9]\d{0,4}))?$/i.exec(text ?? '') ?? [];
  if (address !== undefined) return isIPv6(address) ? { name: canonicalIPv6(address), port } : null;
  return name === undefined ? null : { name: name.toLowerCase(), port };
}

/** Reads the `Origin` of a web page. Null for `null`, for other schemes, and for anything after the port. */
export function readOrigin(text: string): Authority | null {
  const [, authority] = /^https?:\/\/(.+)$/.exec(text) ?? [];
  return readAuthority(authority);
}

/** Whether a host name or address is this machine alone. Short and numeric spellings of addresses are not taken. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIPv4(name)) return name.startsWith('127.');
  return name === 'localhost' || (isIPv6(name) && canonicalIPv6(name) === '::1');
}

function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
