import {
  DEFAULT_TENANT,
  OutboundHttp,
  rateClaims,
  type OutboundRequest,
  type OutboundResponse,
  type RateGate,
  type RateRule,
} from '@baton/core';
import { bareHost } from './allowed-target.js';

/** Calls that wait for their turn under the operator's limits for their host, and under those that they bring along. Redirects are not counted. */
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
    if (URL.canParse(url)) {
      const { hostname, host } = new URL(url);
      const claims = [...rateClaims(this.rules, { tenantId, host: bareHost(hostname) }), ...limits];
      await this.gate.pass({ target: host, claims, signal, ...(ticket !== undefined && { ticket }) });
    }
    return this.http.send(request);
  }
}
