// Preloaded into a process that must not outlive the one that started it, however that one ended.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  timer.unref();

  // Nothing is open any more. Node's own way out frees what it knows first, and can turn in circles over a request of which nobody tells it the end.
  process.once('beforeExit', () => process.exit());
}
