import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DEFAULT_TENANT, ROLES, type Problem, type Role } from '@baton/core';
import { z } from 'zod';
import { configError, type Config } from './config.js';
import { isLoopback, readAuthority, readOrigin, type Authority } from './authority.js';

/** Who makes a request. */
export interface Principal {
  /** The token's name, never the token. */
  name: string;
  role: Role;
  tenantId: string;
}

/** The headers that say where a request came from, and the local port that it reached. */
export interface RequestSource {
  host: string | undefined;
  origin: string | undefined;
  localPort: number | undefined;
}

interface TokenEntry {
  hash: Buffer;
  principal: Principal;
}

const RbacFileSchema = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64),
        role: z.enum(ROLES),
        tenant: z.string().min(1).max(64).default(DEFAULT_TENANT),
        sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits, as `npm run hash-token` prints'),
      }),
    )
    .min(1),
});

/** The tokens of agents/rbac.json, which everybody can read. */
const SAMPLE_TOKENS = ROLES.map((role) => sha256(`baton-sample-${role}-token`));
const SAMPLE_PROBLEM: Problem = {
  pointer: 'RBAC_FILE',
  message: 'holds the sample tokens of agents/rbac.json, which are for loopback only: make your own with `npm run hash-token`',
};

const LOCAL_ADMIN: Principal = { name: 'local', role: 'admin', tenantId: DEFAULT_TENANT };

/** Whether a role has the rights of another. */
export function hasRole(principal: Principal, required: Role): boolean {
  return ROLES.indexOf(principal.role) >= ROLES.indexOf(required);
}

/** Who may call, and from where. Deny by default: without a valid token there is no principal, unless no token is configured at all. */
export class AccessControl {
  private constructor(
    private readonly entries: readonly TokenEntry[],
    private readonly hosts: readonly string[],
    private readonly origins: readonly string[],
  ) {}

  /** @throws BatonError `config_invalid` when RBAC_FILE cannot be read or is not valid. */
  static load(config: Config): AccessControl {
    const fromFile = config.rbacFile === null ? [] : fileTokens(config.rbacFile);
    if (!isLoopback(config.host) && fromFile.some(isSample)) throw configError([SAMPLE_PROBLEM]);
    const entries = [...environmentTokens(config), ...fromFile];
    return new AccessControl(entries, config.allowedHosts, config.corsOrigins);
  }

  /** No token is configured: every caller is the local admin, and only loopback may call. */
  get isOpen(): boolean {
    return this.entries.length === 0;
  }

  /** The tenants that tokens belong to. */
  get tenants(): string[] {
    return this.entries.map((entry) => entry.principal.tenantId);
  }

  /**
   * Who sends this `Authorization` header: `Bearer <token>`, or `Basic` with the token as password, as browsers ask for it.
   * Null: nobody that is known. Every token is compared, each in constant time.
   */
  authenticate(authorization: string | undefined): Principal | null {
    if (this.isOpen) return LOCAL_ADMIN;
    const token = readToken(authorization);
    if (token === null) return null;
    const hash = sha256(token);
    let found: Principal | null = null;
    for (const entry of this.entries) {
      if (crypto.timingSafeEqual(entry.hash, hash)) found = entry.principal;
    }
    return found;
  }

  /**
   * Why a request's `Host` or `Origin` is refused; null where both are fine. It stops pages of other sites that reach this server through
   * the user's browser (DNS rebinding, forged forms). Without tokens, or with ALLOWED_HOSTS, only loopback names with the local
   * port and the allowed hosts pass.
   */
  checkHost(source: RequestSource): string | null {
    const host = readAuthority(source.host);
    const confined = this.isOpen || this.hosts.length > 0;
    if (confined && !this.isOwn(host, source.localPort))
      return 'The Host header names no host of this server: see ALLOWED_HOSTS.';
    if (source.origin === undefined || this.origins.includes(source.origin)) return null;
    const origin = readOrigin(source.origin);
    const sameOrigin = origin !== null && host !== null && origin.name === host.name && origin.port === host.port;
    if (sameOrigin || (confined && this.isOwn(origin, source.localPort))) return null;
    return 'The Origin header names another site: see CORS_ORIGINS.';
  }

  private isOwn(authority: Authority | null, localPort: number | undefined): boolean {
    if (authority === null) return false;
    const { name, port } = authority;
    if (this.hosts.some((allowed) => matches(allowed, authority))) return true;
    return isLoopback(name) && (port ?? '80') === String(localPort);
  }
}

/** An entry of ALLOWED_HOSTS: `name` allows each port, `name:port` that one. */
function matches(allowed: string, { name, port }: Authority): boolean {
  const entry = readAuthority(allowed);
  return entry !== null && entry.name === name && (entry.port === null || entry.port === port);
}

function isSample({ hash }: TokenEntry): boolean {
  return SAMPLE_TOKENS.some((sample) => sample.equals(hash));
}

function readToken(authorization: string | undefined): string | null {
  const [, scheme, credentials] = /^(Bearer|Basic) +([\x21-\x7e]+) *$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || credentials === undefined) return null;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? null : decoded.slice(colon + 1);
}

function sha256(text: string): Buffer {
  return crypto.hash('sha256', text, 'buffer');
}

function environmentTokens(config: Config): TokenEntry[] {
  const hashes = { viewer: config.apiTokenViewerHash, operator: config.apiTokenOperatorHash, admin: config.apiTokenAdminHash };
  return ROLES.flatMap((role) => {
    const hash = hashes[role];
    return hash === null ? [] : [{ hash: Buffer.from(hash, 'hex'), principal: { name: role, role, tenantId: DEFAULT_TENANT } }];
  });
}

function fileTokens(path: string): TokenEntry[] {
  const parsed = RbacFileSchema.safeParse(readJson(path));
  if (!parsed.success) throw configError(parsed.error.issues.map(toProblem));
  return parsed.data.tokens.map(({ name, role, tenant, sha256: hash }) => ({
    hash: Buffer.from(hash, 'hex'),
    principal: { name, role, tenantId: tenant },
  }));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw configError([{ pointer: 'RBAC_FILE', message: `names a file that is not readable JSON: ${path}` }]);
  }
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  return { pointer: `RBAC_FILE /${issue.path.join('/')}`, message: issue.message };
}
