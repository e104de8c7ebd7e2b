// A process that reads files for another one, and dies of them in its stead. It ends with its parent.
import { Worker } from 'node:worker_threads';
import { toErrorInfo } from '@baton/core';
import { readFile } from './read-file.js';
import type { ReadRequest } from './read-limits.js';

/** A thread of its own, since a parser that never comes back stops the timers of this one. */
const GUARD = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => {
    const isOrphan = process.ppid !== workerData.parent;
    if (isOrphan || process.memoryUsage.rss() > workerData.maxBytes) process.kill(process.pid, 'SIGKILL');
  }, 20);
`;
const maxBytes = Number(process.argv[2]);
const guard = new Worker(GUARD, { eval: true, execArgv: [], workerData: { maxBytes, parent: process.ppid } });
// The channel to the parent alone keeps this process alive.
guard.unref();

process.on('message', (request: ReadRequest) => {
  readFile(request).then(
    (read) => process.send!({ read }),
    (error: unknown) => process.send!({ error: toErrorInfo(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send!('ready');
