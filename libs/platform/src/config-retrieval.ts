import { MIB, bytes, milliseconds, variable, wholeNumber } from './config-kinds.js';

/** What is ingested, and how it is cut up. */
export const retrieval = {
  ingestMaxDocuments: variable(
    'INGEST_MAX_DOCUMENTS',
    wholeNumber(1, 10_000),
    '100',
    'Documents that a request ingests by itself; more are ingested by a run.',
  ),
  ingestMaxDocumentBytes: variable('INGEST_MAX_DOCUMENT_BYTES', bytes(1_024, 64 * MIB), String(4 * MIB), 'Largest document.'),
  ingestMaxFiles: variable('INGEST_MAX_FILES', wholeNumber(1, 1_000_000), '10000', 'Files or documents of one run.'),
  ingestMaxFileBytes: variable('INGEST_MAX_FILE_BYTES', bytes(1_024, 64 * MIB), String(32 * MIB), 'Largest file.'),
  ingestMaxBatchBytes: variable(
    'INGEST_MAX_BATCH_BYTES',
    bytes(1_024, 1_024 * 1_024 * MIB),
    String(1_024 * MIB),
    'All files of one request.',
  ),
  extractReaders: variable('EXTRACT_READERS', wholeNumber(1, 64), '2', 'Processes that read PDF, HTML and DOCX, of one worker.'),
  extractTimeoutMs: variable('EXTRACT_TIMEOUT_MS', milliseconds(100, 3_600_000), '30000', 'Bound on reading one file.'),
  extractMaxMemoryBytes: variable(
    'EXTRACT_MAX_MEMORY_BYTES',
    bytes(128 * MIB, 64 * 1_024 * MIB),
    String(1_024 * MIB),
    'Memory at which a process that reads a file is ended.',
  ),
  extractMaxPages: variable('EXTRACT_MAX_PAGES', wholeNumber(1, 1_000_000), '5000', 'Pages of one PDF.'),
  chunkSize: variable('CHUNK_SIZE', wholeNumber(100, 20_000, 'characters'), '1200', 'Length of a chunk.'),
  chunkOverlap: variable('CHUNK_OVERLAP', wholeNumber(0, 10_000, 'characters'), '150', 'What neighbouring chunks share.'),
};
