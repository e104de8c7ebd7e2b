import { isIP } from 'node:net';
import { BatonError } from '@baton/core';
import { bareHost, holdsAddress, isAddress, type AllowedTarget } from './allowed-target.js';
import { isBlockedPath } from './blocked-path.js';
import { isMetadataAddress, isOwnAddress, isPublicAddress } from './public-address.js';

export interface HttpPolicyOptions {
  /** What may be reached besides public hosts. */
  allow: readonly AllowedTarget[];
  ports: readonly number[];
  /** These and all under them are not called, on any host. */
  blockedPaths: readonly string[];
}

/** Names that lead to the machine itself, into its network or to the metadata of a cloud; with all that stands under them. */
const INTERNAL_NAMES = [
  ...['localhost', 'local', 'internal', 'localdomain', 'home.arpa', 'intranet', 'lan', 'corp', 'home', 'private', 'svc', 'arpa'],
  ...['metadata.goog', 'metadata.tencentyun.com', 'metadata.platformequinix.com', 'metadata.packet.net'],
  ...['test', 'invalid', 'onion', 'alt'],
];

/** Says which calls may be made: by protocol, host, path and address. The address is asked about when a connection is made, not before. */
export class HttpPolicy {
  private readonly ports: ReadonlySet<number>;

  constructor(private readonly options: HttpPolicyOptions) {
    this.ports = new Set(options.ports);
  }

  /**
   * Checks what can be told of a URL by itself.
   * @throws BatonError `http_refused`.
   */
  checkUrl(url: URL): void {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused(url, 'only http and https are called');
    if (url.username !== '' || url.password !== '') throw refused(url, 'credentials do not belong in a URL');
    const host = bareHost(url.hostname);
    const port = portOf(url);
    if (isIP(host) !== 0) this.checkAddress(host, host, port);
    else if (!this.allowsHost(host, port)) this.checkName(url, host, port);
    if (isBlockedPath(url.pathname, this.options.blockedPaths)) throw refused(url, 'the path is blocked');
  }

  /**
   * Checks an address that a connection is about to be made to.
   * @throws BatonError `http_refused`.
   */
  checkAddress(hostname: string, address: string, port: number): void {
    const allowed = this.options.allow.filter((target) => (target.port ?? port) === port);
    if (isMetadataAddress(address) && !allowed.some((target) => isAddress(target, address))) throw notPublic(hostname);
    if (this.allowsHost(bareHost(hostname), port) || allowed.some((target) => holdsAddress(target, address))) return;
    if (!this.ports.has(port)) throw refusedTarget(hostname, `the port ${port} is not one of ${[...this.ports].join(', ')}`);
    if (!isPublicAddress(address) || isOwnAddress(address)) throw notPublic(hostname);
  }

  private checkName(url: URL, host: string, port: number): void {
    if (!host.includes('.')) throw refused(url, 'a name without a dot leads into the network of Baton');
    if (INTERNAL_NAMES.some((name) => host === name || host.endsWith(`.${name}`))) throw refused(url, 'the name is not public');
    const mayBeNetwork = this.options.allow.some((target) => target.kind === 'network' && (target.port ?? port) === port);
    if (!this.ports.has(port) && !mayBeNetwork)
      throw refused(url, `the port ${port} is not one of ${[...this.ports].join(', ')}`);
  }

  private allowsHost(host: string, port: number): boolean {
    return this.options.allow.some((target) => target.kind === 'host' && target.host === host && (target.port ?? port) === port);
  }
}

/** The port that a URL names, or that of its protocol. */
export function portOf({ port, protocol }: { port: string; protocol: string }): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function refused(url: URL, reason: string): BatonError {
  return refusedTarget(url.host || url.protocol, reason);
}

function notPublic(hostname: string): BatonError {
  return refusedTarget(hostname, 'its address is not public');
}

/** Says nothing of what a name resolves to: that is not the caller's to know. */
export function refusedTarget(target: string, reason: string): BatonError {
  const host = target.slice(0, 260);
  return new BatonError('http_refused', `\`${host}\` may not be called: ${reason}.`, { host }, { retryable: false });
}
