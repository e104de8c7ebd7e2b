import { flushCompileCache } from 'node:module';
import { BatonError } from '@baton/core';

/** As in package.json: older ones lack what Baton and its packages use. */
const NODE_NEEDED = [24, 9] as const;
/** After the start. */
const KEEP_COMPILED_AFTER_MS = 500;

/** Runs a process's start. What keeps it from starting is said in plain words, and the process ends with exit code 1. */
export async function runMain(start: () => Promise<void>): Promise<void> {
  try {
    checkNode(process.versions.node);
    await start();
    // Written down now, and not only at an end that `kill -9` leaves out.
    setTimeout(flushCompileCache, KEEP_COMPILED_AFTER_MS).unref();
  } catch (error) {
    process.stderr.write(`${error instanceof BatonError ? `${error.message}\n${error.remedy}` : describe(error)}\n`);
    process.exit(1);
  }
}

/** @throws BatonError `config_invalid` on a Node that is too old. */
export function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = NODE_NEEDED;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  const remedy = 'Start with `npm start`, `npm run start:api` or `npm run start:worker`, which bring their own Node.';
  throw new BatonError(
    'config_invalid',
    `Baton needs Node ${neededMajor}.${neededMinor} or newer; this is ${version}.`,
    {},
    { remedy },
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
