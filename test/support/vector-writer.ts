// Child of the vector store's suite: `vector-writer.ts <file> <prefix> <points>` says `ready`, waits for a line, then makes the
// tables and writes points in many small commits.
import { once } from 'node:events';
import { SqliteVectorStore } from '@baton/vectors';

const [path = '', prefix = '', points = '0'] = process.argv.slice(2);
const store = new SqliteVectorStore({ path, batchSize: 1 });
process.stdout.write('ready\n');
await once(process.stdin, 'data');
await store.prepare('c', 3);
await store.upsert(
  'c',
  Array.from({ length: Number(points) }, (_, index) => ({
    id: `${prefix}${index}`,
    tenantId: 'default',
    documentId: prefix,
    vector: Float32Array.of(Math.cos(index), Math.sin(index), 0),
    payload: {},
  })),
);
store.close();
process.stdin.destroy();
