import { createServer } from 'node:http';

/** A bare HTTP server for a yardstick: answers a POST of a run once `accept` has, and anything else at once. */
export function serveBare(port: string, accept: (steps: number) => Promise<unknown>): void {
  createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      if (request.url !== '/api/v1/runs') return response.writeHead(200).end();
      const { workflow } = JSON.parse(body) as { workflow: string };
      accept(Number(workflow.split('-')[1])).then(
        () => response.writeHead(202, { 'content-type': 'application/json', 'content-length': 2 }).end('{}'),
        () => response.writeHead(500).end(),
      );
      return response;
    });
  }).listen(Number(port), '127.0.0.1');
}
