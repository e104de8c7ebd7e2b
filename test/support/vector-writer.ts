// Child of the vector store's suite: `vector-writer.ts <file> <prefix> <points>` writes points in many small commits.
import { SqliteVectorStore } from '@baton/vectors';

const [path = '', prefix = '', points = '0'] = process.argv.slice(2);
const store = new SqliteVectorStore({ path, batchSize: 3 });
await store.prepare(3);
await store.upsert(
  Array.from({ length: Number(points) }, (_, index) => ({
    id: `${prefix}${index}`,
    tenantId: 'default',
    documentId: prefix,
    vector: Float32Array.of(Math.cos(index), Math.sin(index), 0),
    payload: {},
  })),
);
store.close();
