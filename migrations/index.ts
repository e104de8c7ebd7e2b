import { CreateTables1763596800000 } from './1763596800000-create-tables.js';

/** All migrations in order; each runs on MySQL, MariaDB and SQLite. */
export const migrations = [CreateTables1763596800000];
