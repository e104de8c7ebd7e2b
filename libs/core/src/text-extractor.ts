/** A file as it came: what its sender says of it may be wrong. */
export interface SourceFile {
  name: string | null;
  /** As declared; null or `application/octet-stream` says nothing. */
  mediaType: string | null;
  bytes: Uint8Array;
}

/** The text of a file, in its reading order. */
export interface ExtractedText {
  text: string;
  /** Markdown where the file has headings, lists or tables. */
  mediaType: 'text/plain' | 'text/markdown';
  /** As the file itself names it; null where it does not. */
  title: string | null;
}

/** Files to text. A hostile file costs a bounded time and memory, and never the process. */
export abstract class TextExtractor {
  /**
   * The text of a file; what it is, its bytes decide.
   * @throws BatonError `document_unsupported`, `document_unreadable`, `document_encrypted`, `document_empty`, `payload_too_large` or `timeout`:
   * each says what is wrong with the file, and another try gives the same. Whatever else is thrown is not the file's fault.
   */
  abstract extract(file: SourceFile, signal?: AbortSignal): Promise<ExtractedText>;
}
