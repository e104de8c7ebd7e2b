import type { JsonObject } from './json.js';
import type { Chunk, DocumentInfo } from './retrieval.js';

/** What a search gives back of a chunk, without a look into SQL: kept beside its vector. */
export interface ChunkPayload {
  title: string;
  source: string | null;
  /** Position in the document, from 0. */
  index: number;
  text: string;
}

export function writeChunkPayload(
  document: Pick<DocumentInfo, 'title' | 'source'>,
  chunk: Pick<Chunk, 'index' | 'text'>,
): JsonObject {
  return { title: document.title, source: document.source, index: chunk.index, text: chunk.text };
}

/** Reads a payload; what is missing or of another type is empty, since vectors are derived data that others may have written. */
export function readChunkPayload(payload: JsonObject): ChunkPayload {
  const { title, source, index, text } = payload;
  return {
    title: typeof title === 'string' ? title : '',
    source: typeof source === 'string' ? source : null,
    index: typeof index === 'number' ? index : 0,
    text: typeof text === 'string' ? text : '',
  };
}
