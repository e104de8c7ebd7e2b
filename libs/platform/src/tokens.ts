/** The validated {@link Config} of the process. */
export const CONFIG = Symbol('CONFIG');

/** The process's {@link BatonLogger}. */
export const LOGGER = Symbol('LOGGER');

/** The process's name among all others: in lock values, connection names and the worker registry. */
export const INSTANCE_ID = Symbol('INSTANCE_ID');

/** The {@link EngineObserver} that turns what the engine tells into metrics, log lines and sentinels. */
export const ENGINE_OBSERVER = Symbol('ENGINE_OBSERVER');

/** The {@link RagSettings} of tenants that have no configuration of their own. */
export const RAG_DEFAULTS = Symbol('RAG_DEFAULTS');

/** The {@link RunArchive} of runs that are removed; null: they are not archived. */
export const RUN_ARCHIVE = Symbol('RUN_ARCHIVE');

/** What the open database says of itself: {@link DatabaseFacts}. */
export const DATABASE_FACTS = Symbol('DATABASE_FACTS');
