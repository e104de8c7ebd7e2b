export { Database, openDatabase, type DatabaseFacts, type DatabaseOptions } from './database.js';
export { SqlRunStore, type SqlRunStoreOptions } from './sql-run-store.js';
export { SqlTaskStore } from './sql-task-store.js';
export { SqlWorkflowStore } from './sql-workflow-store.js';
export { SqlDocumentStore } from './sql-document-store.js';
export { SqlAgentStore } from './sql-agent-store.js';
export { SqlWorkerRegistry, type SqlWorkerRegistryOptions } from './sql-worker-registry.js';
export type { CommitFigures, JournalWriterOptions } from './journal/journal-writer.js';
