import { BatonError, DEFAULT_TENANT, matchesName, type OutboundAuth, type OutboundRequest } from '@baton/core';
import { bareHost } from './allowed-target.js';
import { goesToOthers } from './redirect.js';

/** A secret that calls may carry, and where to. */
export interface HttpSecret {
  /** Its value as it is now. */
  read(): Promise<string>;
  /** `api.example.com`, `*.example.com`, each also with a port; it goes to no other host. */
  hosts: readonly string[];
  /** Whose calls may carry it; null: those of all. */
  tenants: readonly string[] | null;
  /** Whether it may go over http too. */
  plainHttp: boolean;
}

/** A header with a secret in it, and all that must not be seen of it anywhere else. */
export interface Credential {
  readonly header: string;
  readonly value: string;
  readonly hidden: readonly string[];
}

/** The secrets of the operator by their names, read when a call is made. */
export class HttpSecrets {
  /** All values that were ever read: what was sent under one may be told long after it has changed. */
  private readonly known = new Set<string>();

  constructor(private readonly secrets: ReadonlyMap<string, HttpSecret>) {}

  /** All that must not be seen of any of them, as they are now and as they were read before. One that was never read was sent nowhere. */
  async readHidden(): Promise<string[]> {
    await Promise.allSettled([...this.secrets.values()].map((secret) => this.read(secret)));
    return [...this.known].flatMap((text) => [text, text.slice(text.indexOf(':') + 1)]);
  }

  /** @throws BatonError `http_refused`: there is no such secret, or not for this tenant and host; or it cannot be read or sent. */
  async credentialFor({ url, tenantId = DEFAULT_TENANT }: OutboundRequest, auth: OutboundAuth): Promise<Credential> {
    const secret = this.secrets.get(auth.secret);
    const target = URL.canParse(url) ? new URL(url) : null;
    if (secret === undefined || target === null || !isMeantFor(secret, target, tenantId)) {
      throw refused(auth.secret, `there is none of this name for calls to \`${target?.host ?? ''}\``);
    }
    if (auth.type === 'header' && goesToOthers(auth.header.toLowerCase())) {
      throw refused(auth.secret, `a redirect would carry the header \`${auth.header}\` to others`, {
        remedy: 'Use another header.',
      });
    }
    const text = await this.read(secret).catch((cause: unknown) => {
      throw refused(auth.secret, 'it cannot be read', { cause });
    });
    if (!/^[\x20-\x7e]+$/.test(text)) throw refused(auth.secret, 'it is not one line of printable ASCII');
    return writeCredential(auth, text);
  }

  private async read(secret: HttpSecret): Promise<string> {
    const text = await secret.read();
    this.known.add(text);
    return text;
  }
}

function isMeantFor({ hosts, tenants, plainHttp }: HttpSecret, target: URL, tenantId: string): boolean {
  if (tenants?.includes(tenantId) === false || (target.protocol !== 'https:' && !plainHttp)) return false;
  const host = bareHost(target.hostname);
  const withPort = `${host}:${target.port || (target.protocol === 'https:' ? '443' : '80')}`;
  return hosts.some((pattern) => (/:\d+$/.test(pattern) ? matchesName(pattern, withPort) : matchesName(pattern, host)));
}

function writeCredential(auth: OutboundAuth, secret: string): Credential {
  switch (auth.type) {
    case 'bearer':
      return { header: 'authorization', value: `Bearer ${secret}`, hidden: [secret] };
    case 'header':
      return { header: auth.header.toLowerCase(), value: secret, hidden: [secret] };
    case 'basic': {
      const pair = auth.username === undefined ? secret : `${auth.username}:${secret}`;
      const encoded = Buffer.from(pair).toString('base64');
      return { header: 'authorization', value: `Basic ${encoded}`, hidden: [encoded, pair, pair.slice(pair.indexOf(':') + 1)] };
    }
  }
}

const USUAL_REMEDY = 'Let the operator name the secret, its hosts and its tenants in HTTP_SECRETS.';

function refused(
  name: string,
  reason: string,
  { cause, remedy = USUAL_REMEDY }: { cause?: unknown; remedy?: string } = {},
): BatonError {
  const sentence = `The secret \`${name.slice(0, 100)}\` cannot be sent: ${reason}.`;
  return new BatonError('http_refused', sentence, {}, { retryable: false, cause, remedy });
}
