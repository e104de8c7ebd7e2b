import { BatonError } from '@baton/core';

/** Runs a process's start. What keeps it from starting is said in plain words, and the process ends with exit code 1. */
export async function runMain(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${error instanceof BatonError ? `${error.message}\n${error.remedy}` : describe(error)}\n`);
    process.exit(1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
