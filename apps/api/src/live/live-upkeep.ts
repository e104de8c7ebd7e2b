import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@baton/core';
import { CONFIG, type Config } from '@baton/platform';
import type { LiveClient } from './live-client.js';
import { LiveGate } from './live-gate.js';
import type { Session } from './live-session.js';

const SILENT_AFTER_HEARTBEATS = 3;
/** How long before its token ends a client is asked for another; a third of the token's time where that is shorter. */
const REFRESH_BEFORE_MS = 60_000;

/** What time does to clients: they are pinged, asked for a new token, and closed when theirs ends or they have gone silent. */
@Injectable()
export class LiveUpkeep {
  constructor(
    private readonly gate: LiveGate,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  look(client: LiveClient, session: Pick<Session, 'beat'>): void {
    const { wsHeartbeatMs } = this.config;
    const now = this.clock.monotonic();
    if (!this.gate.isValid(client)) return client.close('token_ended');
    if (now - client.heardAt > SILENT_AFTER_HEARTBEATS * wsHeartbeatMs) return client.close('silent');
    this.askForToken(client);
    if (now - client.pingedAt < wsHeartbeatMs) return;
    client.ping();
    session.beat();
  }

  private askForToken(client: LiveClient): void {
    const beforeMs = Math.min(REFRESH_BEFORE_MS, this.config.wsTokenTtlMs / 3);
    if (client.refreshAsked || client.caller.expiresAt - this.clock.now() > beforeMs) return;
    client.refreshAsked = true;
    client.sendJson({ type: 'refresh' });
  }
}
