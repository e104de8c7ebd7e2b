import * as crypto from 'node:crypto';
import { statSync } from 'node:fs';
import { DEFAULT_TENANT, ROLES, type Logger, type Problem, type Role } from '@baton/core';
import { configError, type Config } from './config.js';
import { isLoopback, readAuthority, readOrigin, type Authority } from './authority.js';
import { readRbacFile } from './rbac-file.js';

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
  /** Names the token to others without saying anything about it, not even its hash. */
  id: string;
  principal: Principal;
}

/** The tokens of agents/rbac.json, which everybody can read. */
const SAMPLE_TOKENS = ROLES.map((role) => sha256(`baton-sample-${role}-token`));
const SAMPLE_PROBLEM: Problem = {
  pointer: 'RBAC_FILE',
  message: 'holds the sample tokens of agents/rbac.json, which are for loopback only: make your own with `npm run hash-token`',
};

/** How often the file of tokens is looked at. */
const LOOK_AT_FILE_MS = 1_000;

/** Stands for the token of callers where none is needed. */
const OPEN_ACCESS = 'open';
const LOCAL_ADMIN: Principal = { name: 'local', role: 'admin', tenantId: DEFAULT_TENANT };

/** Whether a role has the rights of another. */
export function hasRole(principal: Principal, required: Role): boolean {
  return ROLES.indexOf(principal.role) >= ROLES.indexOf(required);
}

/** Who may call, and from where. Deny by default: without a valid token there is no principal, unless no token is configured at all. */
export class AccessControl {
  private constructor(
    private entries: readonly TokenEntry[],
    /** The file as it was before `entries` were read of it. */
    private stamp: string | null,
    private readonly config: Config,
  ) {}

  /** @throws BatonError `config_invalid` when RBAC_FILE cannot be read or is not valid. */
  static load(config: Config): AccessControl {
    const stamp = stampOf(config.rbacFile);
    return new AccessControl(readTokens(config), stamp, config);
  }

  /**
   * Takes over what RBAC_FILE says whenever it changes, within about a second: a token that it names no more is no more. What cannot be
   * read, or is not valid, changes nothing and is logged. Returns the way to stop.
   */
  watch(log: Logger): () => void {
    const { rbacFile } = this.config;
    if (rbacFile === null) return () => undefined;
    const look = (): void => {
      const stamp = stampOf(rbacFile);
      if (stamp === this.stamp) return;
      this.stamp = stamp;
      try {
        this.entries = readTokens(this.config);
        log.info({ tokens: this.entries.length }, 'RBAC_FILE has changed');
      } catch (err) {
        log.error({ err }, 'RBAC_FILE has changed and is not valid: the tokens stay as they were');
      }
    };
    // `watchFile` would miss what changes before its own first look.
    const timer = setInterval(look, LOOK_AT_FILE_MS).unref();
    return () => clearInterval(timer);
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

  /** Names the token of a principal that {@link authenticate} has just given. */
  tokenIdOf(principal: Principal): string {
    return this.entries.find((entry) => entry.principal === principal)?.id ?? OPEN_ACCESS;
  }

  /** Whose token it is that {@link tokenIdOf} named so; null once it is valid no more. */
  findByTokenId(id: string): Principal | null {
    if (this.isOpen) return id === OPEN_ACCESS ? LOCAL_ADMIN : null;
    return this.entries.find((entry) => entry.id === id)?.principal ?? null;
  }

  /**
   * Why a request's `Host` or `Origin` is refused; null where both are fine. It stops pages of other sites that reach this server through
   * the user's browser (DNS rebinding, forged forms). Without tokens, or with ALLOWED_HOSTS, only loopback names with the local
   * port and the allowed hosts pass.
   */
  checkHost(source: RequestSource): string | null {
    const host = readAuthority(source.host);
    const confined = this.isOpen || this.config.allowedHosts.length > 0;
    if (confined && !this.isOwn(host, source.localPort))
      return 'The Host header names no host of this server: see ALLOWED_HOSTS.';
    if (source.origin === undefined || this.config.corsOrigins.includes(source.origin)) return null;
    const origin = readOrigin(source.origin);
    const sameOrigin = origin !== null && host !== null && origin.name === host.name && origin.port === host.port;
    if (sameOrigin || (confined && this.isOwn(origin, source.localPort))) return null;
    return 'The Origin header names another site: see CORS_ORIGINS.';
  }

  private isOwn(authority: Authority | null, localPort: number | undefined): boolean {
    if (authority === null) return false;
    const { name, port } = authority;
    if (this.config.allowedHosts.some((allowed) => matches(allowed, authority))) return true;
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

/** Differs once a file has changed; null: there is none that can be looked at. */
function stampOf(path: string | null): string | null {
  if (path === null) return null;
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return null;
  }
}

function readTokens(config: Config): TokenEntry[] {
  const fromFile = config.rbacFile === null ? [] : fileTokens(config.rbacFile);
  if (!isLoopback(config.host) && fromFile.some(isSample)) throw configError([SAMPLE_PROBLEM]);
  return [...environmentTokens(config), ...fromFile];
}

function environmentTokens(config: Config): TokenEntry[] {
  const hashes = { viewer: config.apiTokenViewerHash, operator: config.apiTokenOperatorHash, admin: config.apiTokenAdminHash };
  return ROLES.flatMap((role) => {
    const hash = hashes[role];
    return hash === null ? [] : [toEntry(hash, { name: role, role, tenantId: DEFAULT_TENANT })];
  });
}

function fileTokens(path: string): TokenEntry[] {
  return readRbacFile(path).tokens.map(({ name, role, tenant, sha256: hash }) => toEntry(hash, { name, role, tenantId: tenant }));
}

function toEntry(hexHash: string, principal: Principal): TokenEntry {
  const hash = Buffer.from(hexHash, 'hex');
  return { hash, id: sha256(`token-id ${hexHash.toLowerCase()}`).subarray(0, 12).toString('base64url'), principal };
}
