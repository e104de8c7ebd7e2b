export { Database, openDatabase, type DatabaseFacts, type DatabaseOptions } from './database.js';
export { SqlRunStore, type SqlRunStoreOptions } from './sql-run-store.js';
export type { CommitFigures, JournalWriterOptions } from './journal/journal-writer.js';
