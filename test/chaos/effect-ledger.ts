import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

/** One effect of a node, as the other side saw it. */
export interface Effect {
  runId: string;
  nodeId: string;
  key: string;
  attempt: number;
  at: number;
}

/** What the nodes have done outside Baton: an HTTP sink that no fault of the stage reaches. */
export class EffectLedger {
  readonly effects: Effect[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void this.enter(request).then(() => response.end('{}'));
    });
  }

  static async open(): Promise<EffectLedger> {
    const server = createServer({ keepAliveTimeout: 60_000 }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new EffectLedger(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/effects`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async enter(request: IncomingMessage): Promise<void> {
    const at = Date.now();
    const { run_id, node_id, attempt } = JSON.parse(await text(request)) as { run_id: string; node_id: string; attempt: number };
    this.effects.push({ runId: run_id, nodeId: node_id, key: String(request.headers['idempotency-key']), attempt, at });
  }
}
