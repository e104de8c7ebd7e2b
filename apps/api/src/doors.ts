import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '@baton/platform';
import type { FastifyInstance } from 'fastify';

/** Sockets that listen on the port, the server's own included. */
const DOORS = 32;

/** Whether several sockets may listen on one port; the system spreads over them what comes. */
const CAN_SHARE = process.platform === 'linux';

declare module 'fastify' {
  interface FastifyInstance {
    doors: Doors;
  }
}

/**
 * Further sockets on the port of a server. From each socket that listens Node takes one connection in a turn of its event loop, however many wait;
 * and in a flood over thousands of connections a turn takes a tenth of a second, so that through one alone new clients got in after seconds.
 * What comes through a door is served, counted and closed like what comes to the server itself.
 */
class Doors {
  private readonly doors: Server[] = [];
  private readonly through = new Set<Socket>();
  private open = 0;
  private whenEmpty: (() => void) | null = null;

  /** @param most connections at once, in all */
  constructor(
    private readonly server: Server,
    private readonly most: number,
  ) {
    server.maxConnections = most;
    server.on('connection', (socket: Socket) => {
      this.open += 1;
      socket.once('close', () => (this.open -= 1));
    });
  }

  /** Opens them where the server listens by now, on an address that may be shared. */
  async listen(): Promise<void> {
    const { address: host, port } = this.server.address() as AddressInfo;
    for (let count = 1; count < DOORS; count += 1) {
      const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.enter(socket));
      this.doors.push(door.listen({ port, host, backlog: this.most, reusePort: true }));
    }
    await Promise.all(this.doors.map((door) => once(door, 'listening')));
  }

  /** Lets nobody in any more; who is in stays. */
  shut(): void {
    for (const door of this.doors.splice(0)) door.close();
  }

  /** Resolves when all who came in have left. */
  async emptied(): Promise<void> {
    if (this.through.size > 0) await new Promise<void>((resolve) => (this.whenEmpty = resolve));
  }

  private enter(socket: Socket): void {
    if (this.open >= this.most) {
      socket.destroy();
      return;
    }
    this.through.add(socket);
    this.allow();
    socket.once('close', () => {
      this.through.delete(socket);
      this.allow();
      if (this.through.size === 0) this.whenEmpty?.();
    });
    this.server.emit('connection', socket);
  }

  /** The server counts its own alone. */
  private allow(): void {
    this.server.maxConnections = this.most - this.through.size;
  }
}

/** Gives a server its doors, which are shut as soon as it closes. */
export function addDoors(server: FastifyInstance, most: number): void {
  const doors = new Doors(server.server, most);
  server.decorate('doors', doors);
  server.addHook('preClose', (done) => {
    doors.shut();
    done();
  });
}

/**
 * Listens on HOST and PORT. As many connections as are served may wait to be taken, as far as the system allows (`net.core.somaxconn`): what finds
 * no room there is dropped unseen, and comes again only after a second, then three, then seven.
 *
 * @throws Error `EADDRINUSE` where another process listens there
 */
export async function listen(
  app: NestFastifyApplication,
  { port, host, maxConnections: backlog }: Pick<Config, 'port' | 'host' | 'maxConnections'>,
): Promise<void> {
  // A shared port would let a second Baton in that was started by mistake.
  if (CAN_SHARE && port !== 0) await requireFree({ port, host });
  const address = { port, host, backlog, reusePort: CAN_SHARE };
  await app.listen(address);
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  if (CAN_SHARE) await server.doors.listen();
}

async function requireFree(address: { port: number; host: string }): Promise<void> {
  const probe = createServer().listen(address);
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}
