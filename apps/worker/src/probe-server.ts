import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AccessControl, CONFIG, HealthProbe, hasRole, LOGGER, Metrics, type BatonLogger, type Config } from '@baton/platform';

interface Answer {
  status: number;
  type: string;
  body: string;
}

const json = (status: number, body: object): Answer => ({ status, type: 'application/json', body: JSON.stringify(body) });
const problem = (status: number, title: string): Answer => ({
  ...json(status, { type: 'about:blank', title, status }),
  type: 'application/problem+json',
});

/**
 * What a scraper and an orchestrator ask of a worker: `/metrics` (role viewer), `/health` and `/ready` (public). A worker serves nothing else,
 * and nothing at all unless WORKER_PORT is set.
 */
@Injectable()
export class ProbeServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | null = null;

  constructor(
    private readonly metrics: Metrics,
    private readonly probe: HealthProbe,
    private readonly access: AccessControl,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: BatonLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { workerPort, host } = this.config;
    if (workerPort === null || this.config.role !== 'worker') return;
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.listen(workerPort, host);
    await once(this.server, 'listening');
    this.logger.info({ port: (this.server.address() as AddressInfo).port }, 'Worker answers probes');
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.answer(request).catch(() => problem(500, 'An unexpected error'));
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  private async answer({ method, url, headers, socket }: IncomingMessage): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return problem(405, 'Only GET and HEAD');
    const { host, origin } = headers;
    const foreign = this.access.isOpen ? this.access.checkHost({ host, origin, localPort: socket.localPort }) : null;
    if (foreign !== null) return problem(403, 'Not allowed');
    if (url === '/health') return json(200, { status: 'ok', uptime_s: Math.round(process.uptime()) });
    if (url === '/ready') {
      const report = await this.probe.readiness();
      return json(report.status === 'unavailable' ? 503 : 200, report);
    }
    const principal = this.access.authenticate(headers.authorization);
    if (principal === null) return problem(401, 'No valid token');
    if (url !== '/metrics') return problem(404, 'No such resource');
    if (!hasRole(principal, 'viewer')) return problem(403, 'Not allowed');
    return { status: 200, type: this.metrics.contentType, body: await this.metrics.render() };
  }
}
