import {
  DEFAULT_TENANT,
  OutboundHttp,
  rateClaims,
  type OutboundRequest,
  type OutboundResponse,
  type RateClaim,
  type RateGate,
  type RateRule,
} from '@baton/core';
import { bareHost } from './allowed-target.js';

/**
 * Calls that wait for their turn under the operator's limits for their host, and under those that they bring along. Redirects count against the limits of
 * their hosts, but do not wait: a call that has begun must not be sent again for them.
 */
export class RateLimitedHttp extends OutboundHttp {
  constructor(
    private readonly http: OutboundHttp,
    private readonly gate: RateGate,
    private readonly rules: readonly RateRule[],
  ) {
    super();
  }

  async send(request: OutboundRequest): Promise<OutboundResponse> {
    const { url, tenantId = DEFAULT_TENANT, limits = [], ticket, signal } = request;
    const claimsOf = ({ hostname }: URL): RateClaim[] => rateClaims(this.rules, { tenantId, host: bareHost(hostname) });
    if (URL.canParse(url)) {
      const parsed = new URL(url);
      const claims = [...claimsOf(parsed), ...limits];
      await this.gate.pass({ target: parsed.host, claims, signal, ...(ticket !== undefined && { ticket }) });
    }
    const redirects: RateClaim[] = [];
    try {
      return await this.http.send({ ...request, onRedirect: (next) => void redirects.push(...claimsOf(next)) });
    } finally {
      await this.gate.settle(redirects);
    }
  }
}
