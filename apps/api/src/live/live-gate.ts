import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { RunStore, WorkflowStore, type RunWithResult } from '@baton/core';
import { AccessControl, hasRole } from '@baton/platform';
import type { LiveClient } from './live-client.js';
import { LiveClosing, type LiveCloseReason } from './live-close.js';
import { WsTokens, type LiveCaller } from './ws-tokens.js';

/** A subprotocol in front of the token, so that a browser can send one. */
export const SUBPROTOCOL = 'baton';

/** The one place that decides who may open a socket, and what they may see by it. What it does not allow is refused. */
@Injectable()
export class LiveGate {
  constructor(
    private readonly access: AccessControl,
    private readonly tokens: WsTokens,
    private readonly runs: RunStore,
    private readonly workflows: WorkflowStore,
  ) {}

  /** Why a request's `Host` or `Origin` is refused; null where both are fine. */
  checkSource({ headers, socket }: IncomingMessage): string | null {
    return this.access.checkHost({ host: headers.host, origin: headers.origin, localPort: socket.localPort });
  }

  /** Who asks, by the token of a handshake; or why nobody is let in. */
  async identify(request: IncomingMessage, query: URLSearchParams): Promise<LiveCaller | LiveCloseReason> {
    const token = tokenOf(request, query);
    const caller = token === null ? null : await this.tokens.read(token);
    if (caller === null) return 'token_invalid';
    return hasRole(caller.principal, 'viewer') ? caller : 'forbidden';
  }

  /** Whether the token of a client still holds. */
  isValid({ caller }: LiveClient): boolean {
    return this.tokens.isValid(caller);
  }

  /** A client goes on with another token, of the same person. */
  async renew(client: LiveClient, token: string): Promise<void> {
    const caller = await this.tokens.read(token);
    if (caller === null) throw new LiveClosing('token_invalid');
    const { name, tenantId } = client.caller.principal;
    if (caller.principal.name !== name || caller.principal.tenantId !== tenantId)
      throw new LiveClosing('forbidden', 'The token is of somebody else');
    client.caller = caller;
    client.refreshAsked = false;
  }

  /** The run, if the caller may see it. */
  async findRun({ principal }: LiveCaller, runId: string): Promise<RunWithResult | null> {
    const run = await this.runs.findRun(runId);
    return run !== null && run.tenantId === principal.tenantId ? run : null;
  }

  /** The workflow of this id or name, if the caller may see it. */
  findWorkflow({ principal }: LiveCaller, id: string): ReturnType<WorkflowStore['find']> {
    return this.workflows.find(principal.tenantId, id);
  }
}

/** From `Authorization: Bearer`, the subprotocols `baton, <token>`, or `?token=`. */
function tokenOf({ headers }: IncomingMessage, query: URLSearchParams): string | null {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const [first, second] = protocols;
  return bearer ?? (first === SUBPROTOCOL ? second : undefined) ?? query.get('token');
}
