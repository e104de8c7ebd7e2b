import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { bareHost } from './allowed-target.js';
import { portOf, type HttpPolicy } from './http-policy.js';
import { unreadable } from './read-body.js';

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
 * it resolved to before, or will later, does not matter. The address of the open socket is checked once more before anything is sent. At most
 * `maxBytes` are read for one request, whatever they are.
 */
export function guardedConnector(
  policy: HttpPolicy,
  resolve: Resolve,
  open: OpenConnection,
  maxBytes = Infinity,
): buildConnector.connector {
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
      limitBytes(socket, maxBytes);
      callback(null, socket);
    });
  };
}

/**
 * Ends a connection on which more comes for one request than an answer can have. The HTTP library bounds headers and body, but what stands around
 * them, as the line of a chunk, may be endless. One request is under way at a time; the next one shows by what is written for it.
 */
function limitBytes(socket: Socket, maxBytes: number): void {
  let written = -1;
  let atRequest = 0;
  let read = 0;
  socket.on('readable', () => {
    if (socket.bytesWritten !== written) atRequest = read;
    written = socket.bytesWritten;
    read = socket.bytesRead;
    if (read - atRequest > maxBytes) socket.destroy(unreadable('The answer does not come to its end.'));
  });
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
