import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { boundHeapGrowth } from './heap-growth.js';

boundHeapGrowth();
// Compiling takes a fifth of a start: what V8 has compiled stands beside the build, for the next one. See docs/operations.md.
enableCompileCache(join(import.meta.dirname, '../../../.compile-cache'));
await import('./start.js');
