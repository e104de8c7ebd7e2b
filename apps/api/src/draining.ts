import type { FastifyInstance } from 'fastify';

/** How often a closing server looks whether its last request has been answered. */
const LOOK_EVERY_MS = 20;

/**
 * Lets a closing server end: requests in work are answered within `graceMs`, and connections that ask nothing are cut off. Without it the
 * server would wait for whoever has connected and not yet spoken.
 */
export function drainOnClose(server: FastifyInstance, graceMs: number): void {
  let inWork = 0;
  server.addHook('onRequest', (_request, reply, done) => {
    inWork += 1;
    reply.raw.on('close', () => (inWork -= 1));
    done();
  });
  let timer: NodeJS.Timeout | undefined;
  server.addHook('preClose', (done) => {
    const deadline = performance.now() + graceMs;
    timer = setInterval(() => {
      if (server.server.listening || (inWork > 0 && performance.now() < deadline)) return;
      server.server.closeAllConnections();
    }, LOOK_EVERY_MS);
    done();
  });
  server.addHook('onClose', async () => {
    await server.doors.emptied();
    clearInterval(timer);
  });
}
