import {
  chunkText,
  cutText,
  type Chunk,
  type ChunkOptions,
  type DocumentInfo,
  type DocumentStore,
  type RagSettings,
} from '@baton/core';

const MAX_TITLE_CHARS = 200;

/** The title given, or else the first heading or line of the text. No half of a surrogate pair, which a database would give back as another character. */
export function titleOf(given: string | undefined, text: string): string {
  const named = given?.trim() ?? '';
  const firstLine = text.split('\n', 1)[0]!.replace(/^#{1,6}\s+/, '');
  return cutText(named === '' ? firstLine : named, MAX_TITLE_CHARS)
    .toWellFormed()
    .trim();
}

/**
 * The chunks of a document as these settings cut it: the same ones whenever and wherever they are cut. A title that the text does not
 * begin with leads each of them.
 */
export function cutDocument(
  document: Pick<DocumentInfo, 'id' | 'title' | 'mediaType'>,
  text: string,
  settings: Pick<RagSettings, 'chunkSize' | 'chunkOverlap'>,
): Chunk[] {
  const options: ChunkOptions = {
    mediaType: document.mediaType === 'text/markdown' ? 'text/markdown' : 'text/plain',
    ...(document.title !== titleOf(undefined, text) && { title: document.title }),
    targetChars: settings.chunkSize,
    overlapChars: settings.chunkOverlap,
  };
  const { id } = document;
  return chunkText(text, options).map((chunk, index) => ({ id: `${id}.${index}`, documentId: id, index, text: chunk }));
}

/** The chunks of a document that is kept, from its text; one that was taken in before texts were kept stays as it was cut then. */
export async function chunksOfDocument(
  documents: Pick<DocumentStore, 'textOf' | 'chunksOf'>,
  document: Pick<DocumentInfo, 'id' | 'title' | 'mediaType'>,
  settings: Pick<RagSettings, 'chunkSize' | 'chunkOverlap'>,
): Promise<Chunk[]> {
  const text = await documents.textOf(document.id);
  return text === null ? await documents.chunksOf(document.id) : cutDocument(document, text, settings);
}
