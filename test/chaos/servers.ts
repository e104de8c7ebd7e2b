import { once } from 'node:events';
import { join } from 'node:path';
import { SmallDisk } from './small-disk.js';
import { startMariaDb, startRedis, type Service } from '../support/services.js';

/** What stands on a small disk. */
export interface SmallDiskPlan {
  under: 'redis' | 'mariadb' | 'blobs';
  megabytes: number;
}

/** The MariaDB and the Redis that the rows share; each row has its own schema and an empty Redis. */
export class Servers {
  private constructor(
    public mariadb: Service,
    public redis: Service,
    /** What one of them, or the blobs, stand on, if it was asked for. */
    readonly smallDisk: SmallDisk | null,
    /** Where blobs are kept as files; null: in the database. */
    readonly blobPath: string | null = null,
  ) {}

  static async start(disk?: SmallDiskPlan): Promise<Servers> {
    const smallDisk = disk === undefined ? null : SmallDisk.mount(disk.megabytes);
    const place = (name: string) => (disk?.under === name ? { parent: smallDisk!.dir } : {});
    const [mariadb, redis] = await Promise.all([startMariaDb(place('mariadb')), startRedis(place('redis'))]);
    const blobPath = disk?.under === 'blobs' ? join(smallDisk!.dir, 'blobs') : null;
    return new Servers(mariadb, redis, smallDisk, blobPath);
  }

  async killRedis(): Promise<void> {
    await kill(this.redis);
  }

  /** Starts Redis again on the same port with what its append-only file has kept. */
  async restartRedis(): Promise<void> {
    const { dir, port } = this.redis;
    this.redis = await startRedis({ dir, port });
  }

  async killMariaDb(): Promise<void> {
    await kill(this.mariadb);
  }

  async restartMariaDb(): Promise<void> {
    const { dir, port } = this.mariadb;
    this.mariadb = await startMariaDb({ dir, port });
  }

  /** Brings back what a row has left dead or stopped. */
  async mend(): Promise<void> {
    this.redis.child.kill('SIGCONT');
    if (hasEnded(this.redis)) await this.restartRedis();
    if (hasEnded(this.mariadb)) await this.restartMariaDb();
  }

  async stop(): Promise<void> {
    await Promise.all([this.mariadb.stop(), this.redis.stop()]);
    this.smallDisk?.unmount();
  }
}

function hasEnded({ child }: Service): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function kill(service: Service): Promise<void> {
  if (hasEnded(service)) return;
  const gone = once(service.child, 'exit');
  service.child.kill('SIGKILL');
  await gone;
}
