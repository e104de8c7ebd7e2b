/** What one file may cost. */
export interface ReadLimits {
  /** Bytes of the file. */
  maxBytes: number;
  /** Bytes that an archive may unpack to. */
  maxUnpackedBytes: number;
  maxPages: number;
  /** Characters of its text. */
  maxChars: number;
}

/** A file for a reader process: its kind has been told by its bytes. */
export interface ReadRequest {
  kind: 'pdf' | 'docx' | 'html';
  /** The decoded text of HTML, else the bytes. */
  content: string | Uint8Array;
  limits: ReadLimits;
}
