import { OutboundHttp, type OutboundRequest, type OutboundResponse } from '@baton/core';
import type { HttpSecrets } from './http-secrets.js';
import { redactError, redactResponse } from './redact.js';

/** Calls that carry secrets by name. What comes back, answer or failure, has nothing of them in it. */
export class AuthorizedHttp extends OutboundHttp {
  constructor(
    private readonly http: OutboundHttp,
    private readonly secrets: HttpSecrets,
  ) {
    super();
  }

  async send(request: OutboundRequest): Promise<OutboundResponse> {
    const { auth, ...rest } = request;
    if (auth === undefined) return this.http.send(rest);
    const { header, value, hidden } = await this.secrets.credentialFor(request, auth);
    const others = Object.entries(rest.headers).filter(([name]) => name.toLowerCase() !== header);
    try {
      const response = await this.http.send({ ...rest, headers: { ...Object.fromEntries(others), [header]: value } });
      return redactResponse(response, hidden);
    } catch (error) {
      throw redactError(error, hidden);
    }
  }
}
