import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { bareHost } from './allowed-target.js';
import { portOf, type HttpPolicy } from './http-policy.js';

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

/** Makes a connection, asking `lookup` for the addresses of a name. */
export type OpenConnection = (lookup: LookupFunction) => buildConnector.connector;

/** As the operating system resolves names. */
export const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

/**
 * Connects only where the policy allows it. A name is resolved once, for the connection itself, and each of its addresses must be allowed: what
 * it resolved to before, or will later, does not matter. The address of the open socket is checked once more before anything is sent.
 */
export function guardedConnector(policy: HttpPolicy, resolve: Resolve, open: OpenConnection): buildConnector.connector {
  return (options, callback) => {
    const { hostname } = options;
    const port = portOf(options);
    const check = (address: string): void => policy.checkAddress(hostname, address, port);
    try {
      const host = bareHost(hostname);
      if (isIP(host) !== 0) check(host);
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    const connect = open(guardedLookup(resolve, check));
    connect(options, (...[error, socket]: [Error, null] | [null, Socket]) => {
      if (error !== null) return callback(error, null);
      try {
        check(socket.remoteAddress ?? '');
      } catch (refusal) {
        socket.destroy();
        return callback(refusal as Error, null);
      }
      callback(null, socket);
    });
  };
}

function guardedLookup(resolve: Resolve, check: (address: string) => void): LookupFunction {
  const resolveAllowed = async (hostname: string): Promise<ResolvedAddress[]> => {
    const addresses = await resolve(hostname);
    for (const { address } of addresses) check(address);
    if (addresses.length === 0) throw Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
    return addresses;
  };
  const answer = async (...[hostname, options, callback]: Parameters<LookupFunction>): Promise<void> => {
    let addresses: ResolvedAddress[];
    try {
      addresses = await resolveAllowed(hostname);
    } catch (error) {
      return callback(error as NodeJS.ErrnoException, []);
    }
    const [first] = addresses;
    if (options.all === true) callback(null, addresses);
    else callback(null, first!.address, first!.family);
  };
  return (...asked) => void answer(...asked);
}
