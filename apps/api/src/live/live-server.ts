import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { BatonError, Clock } from '@baton/core';
import { ChangeFeed } from '@baton/engine';
import { CONFIG, LOGGER, Metrics, type BatonLogger, type Config } from '@baton/platform';
import { WebSocketServer, type WebSocket } from 'ws';
import { OrchestratedRuns } from '../orchestrated-runs.js';
import { ExecutionSession } from './execution-session.js';
import { LiveClient } from './live-client.js';
import { LIVE_CLOSES, LiveClosing, type LiveCloseReason } from './live-close.js';
import { LiveGate, SUBPROTOCOL } from './live-gate.js';
import { LiveSession, type Session } from './live-session.js';
import { readTarget, type LiveTarget } from './live-target.js';
import { LiveUpkeep } from './live-upkeep.js';
import { MessageIntake } from './message-intake.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import { RunFeed } from './run-feed.js';
import { WorkflowRuns } from './workflow-runs.js';
import type { LiveCaller } from './ws-tokens.js';

/** The largest message of a client. */
const MAX_MESSAGE_BYTES = 16_384;
/** How long a socket that is being closed may take to say so. */
const CLOSE_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 1_000;

/**
 * The WebSockets of this process: counted, bounded, kept alive, and closed when their token ends, nothing is heard of them, or the process goes
 * down. What is wrong before anybody is known is refused as HTTP; everything else by a close code, since browsers can read no other answer.
 */
@Injectable()
export class LiveServer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    // Answers to pings are bounded like everything else that is sent.
    autoPong: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    ...{ closeTimeout: CLOSE_WITHIN_MS },
  });
  private readonly clients = new Map<LiveClient, { socket: WebSocket; session: Session }>();
  /** Sockets of clients, and those that are not let in yet. */
  private open = 0;
  private isClosing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: BatonLogger,
    private readonly http: HttpAdapterHost,
    private readonly gate: LiveGate,
    private readonly feed: RunFeed,
    private readonly changes: ChangeFeed,
    private readonly orchestrated: OrchestratedRuns,
    private readonly workflowRuns: WorkflowRuns,
    private readonly upkeep: LiveUpkeep,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.http.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
    this.timer = setInterval(() => this.look(), Math.min(LOOK_EVERY_MS, this.config.wsHeartbeatMs)).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.timer);
    const { clients } = this;
    const closed = [...clients.values()].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
    for (const client of clients.keys()) client.close('restart');
    await Promise.all(closed);
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Whoever goes away while it is looked who they are has gone away, nothing more.
    socket.on('error', () => socket.destroy());
    const target = readTarget(request.url ?? '');
    const refusal = this.refusal(request);
    if (target === null || refusal !== null) {
      this.metrics.countSocketClosed(refusal?.code ?? 'not_found');
      return refuseUpgrade(request, socket, refusal ?? new BatonError('not_found', 'There is no such WebSocket.'));
    }
    this.open += 1;
    socket.once('close', () => (this.open -= 1));
    const caller = await this.gate.identify(request, target.query);
    this.server.handleUpgrade(request, socket, head, (webSocket) => this.admit(webSocket, target, caller));
  }

  private refusal(request: IncomingMessage): BatonError | null {
    const foreign = this.gate.checkSource(request);
    if (foreign !== null) return new BatonError('forbidden', foreign);
    if (this.isClosing) return new BatonError('overloaded', 'This process is shutting down.', {}, { retryAfterSeconds: 1 });
    const { wsMaxClients } = this.config;
    if (this.open < wsMaxClients) return null;
    return new BatonError('overloaded', `WS_MAX_CLIENTS allows ${wsMaxClients} sockets.`, {}, { retryAfterSeconds: 5 });
  }

  private admit(socket: WebSocket, target: LiveTarget, caller: LiveCaller | LiveCloseReason): void {
    // What is wrong with a frame, or the connection, closes it, which is heard.
    socket.on('error', () => undefined);
    const reason = typeof caller === 'string' ? caller : this.objection(caller);
    if (typeof caller === 'string' || reason !== null) return this.sendAway(socket, reason ?? 'token_invalid');
    const client = new LiveClient(socket, caller, this.clock, this.config.wsBufferBytes);
    const session = this.openSession(client, target);
    const intake = new MessageIntake(client, session, { socket, failed: this.failed });
    this.clients.set(client, { socket, session });
    this.observe();
    socket.on('pong', () => client.heard());
    socket.on('ping', (data) => {
      client.heard();
      if (!client.isFull) socket.pong(data);
    });
    socket.on('message', (data, isBinary) => {
      client.heard();
      if (isBinary) client.close('not_text');
      else intake.take((data as Buffer).toString('utf8'));
    });
    socket.on('close', () => this.forget(client, session));
  }

  private objection({ tokenId }: LiveCaller): LiveCloseReason | null {
    if (this.isClosing) return 'restart';
    let same = 0;
    for (const { caller } of this.clients.keys()) if (caller.tokenId === tokenId) same += 1;
    return same < this.config.wsMaxClientsPerToken ? null : 'too_many';
  }

  private sendAway(socket: WebSocket, reason: LiveCloseReason): void {
    this.metrics.countSocketClosed(reason);
    const { code, text } = LIVE_CLOSES[reason];
    socket.close(code, text);
  }

  private openSession(client: LiveClient, target: LiveTarget): Session {
    const { gate, feed, changes, orchestrated, workflowRuns, failed } = this;
    return target.kind === 'live'
      ? new LiveSession(client, { gate, feed, changes, failed })
      : new ExecutionSession(client, target, { gate, feed, orchestrated, workflowRuns, failed });
  }

  private forget(client: LiveClient, session: Session): void {
    client.leave();
    session.close();
    this.clients.delete(client);
    this.metrics.countSocketClosed(client.closedFor ?? 'client');
    this.observe();
  }

  /** A session cannot go on. */
  private readonly failed = (client: LiveClient, error: unknown): void => {
    if (error instanceof LiveClosing) return client.close(error.reason, error.message);
    if (client.signal.aborted) return;
    this.logger.error({ err: error }, 'A WebSocket has failed');
    client.close('failed');
  };

  private look(): void {
    for (const [client, { session }] of this.clients) this.upkeep.look(client, session);
    this.observe();
  }

  private observe(): void {
    let bytes = 0;
    for (const client of this.clients.keys()) bytes += client.bufferedBytes;
    this.metrics.observeSockets(this.clients.size, bytes);
  }
}
