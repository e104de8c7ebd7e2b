import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@baton/core';
import { AccessControl, CONFIG, type Config, type Principal } from '@baton/platform';
import { jwtVerify, SignJWT, type JWTPayload } from 'jose';

/** Who is on the other end of a socket, and until when that holds. */
export interface LiveCaller {
  principal: Principal;
  /** Of the API token that theirs was made from: it is no better than that one. */
  tokenId: string;
  expiresAt: number;
}

const ALGORITHM = 'HS256';
const ISSUER = 'baton';
/** Says what a token is for: none that was signed for something else opens a socket. */
const AUDIENCE = 'baton-ws';

/**
 * The tokens of WebSockets: JWTs made from the API token of whoever asks, with their name, role and tenant, short-lived, and good for no longer
 * than the API token itself. With a shared secret every API process takes those of every other.
 */
@Injectable()
export class WsTokens {
  private readonly key: KeyObject;

  constructor(
    private readonly access: AccessControl,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { wsTokenSecret } = config;
    this.key = createSecretKey(wsTokenSecret === null ? randomBytes(32) : Buffer.from(wsTokenSecret));
  }

  async issue(principal: Principal): Promise<{ token: string; expiresAt: number }> {
    const { name, role, tenantId } = principal;
    const issuedAt = Math.floor(this.clock.now() / 1_000);
    const expiresAt = issuedAt + Math.ceil(this.config.wsTokenTtlMs / 1_000);
    const token = await new SignJWT({ tenant: tenantId, roles: [role], token_id: this.access.tokenIdOf(principal) })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(name)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.key);
    return { token, expiresAt: expiresAt * 1_000 };
  }

  /** Who sends this token; null: it is not genuine, has expired, or its API token is valid no more, or says something else by now. */
  async read(token: string): Promise<LiveCaller | null> {
    const claims = await this.verify(token);
    const tokenId = claims?.['token_id'];
    if (claims?.exp === undefined || typeof tokenId !== 'string') return null;
    const principal = this.access.findByTokenId(tokenId);
    if (principal === null || !isAbout(principal, claims)) return null;
    return { principal, tokenId, expiresAt: claims.exp * 1_000 };
  }

  /** Whether a caller's token still holds. */
  isValid({ principal, tokenId, expiresAt }: LiveCaller): boolean {
    const current = this.access.findByTokenId(tokenId);
    return expiresAt > this.clock.now() && current !== null && isSame(current, principal);
  }

  private async verify(token: string): Promise<JWTPayload | null> {
    const options = {
      ...{ algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['sub', 'jti', 'exp'] },
      currentDate: new Date(this.clock.now()),
    };
    try {
      return (await jwtVerify(token, this.key, options)).payload;
    } catch {
      return null;
    }
  }
}

function isAbout({ name, role, tenantId }: Principal, { sub, tenant, roles }: JWTPayload): boolean {
  return sub === name && tenant === tenantId && Array.isArray(roles) && roles.length === 1 && roles[0] === role;
}

function isSame(one: Principal, other: Principal): boolean {
  return one.name === other.name && one.role === other.role && one.tenantId === other.tenantId;
}
