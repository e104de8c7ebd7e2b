// The order in which Jest begins the suites; jest.config.js names it.
import { statSync } from 'node:fs';
import { relative } from 'node:path';

/** Seconds of the suites that take longest, on an idle machine of two cores. One that began last would be waited for alone. */
const SECONDS = new Map([
  ['test/e2e/ingest-killed.spec.ts', 60],
  ['test/sim/simulation.spec.ts', 37],
  ['libs/core/src/decision-allocations.spec.ts', 25],
  ['test/e2e/shutdown-half-open.spec.ts', 24],
  ['test/conformance/run-store.spec.ts', 19],
  ['test/integration/journal-mysql.spec.ts', 19],
  ['test/e2e/scenarios.spec.ts', 17],
  ['test/e2e/worker-killed.spec.ts', 17],
  ['test/conformance/text-extractor.spec.ts', 16],
  ['test/e2e/never-two-at-once.spec.ts', 16],
  ['test/e2e/circuit-shared.spec.ts', 15],
  ['test/conformance/blob-store.spec.ts', 15],
  ['test/e2e/standalone.spec.ts', 15],
  ['test/e2e/events-across.spec.ts', 13],
  ['test/e2e/reembed-killed.spec.ts', 13],
  ['test/e2e/child-runs.spec.ts', 13],
  ['test/e2e/pool-killed.spec.ts', 13],
  ['test/e2e/approval-survives.spec.ts', 12],
  ['test/e2e/api-operation.spec.ts', 12],
  ['test/e2e/research-killed.spec.ts', 12],
  ['test/e2e/budget-raised.spec.ts', 11],
  ['test/e2e/nodes-graph.spec.ts', 11],
]);

/** The order in which Jest begins the suites: the slowest first, the others by size. It learns nothing, so that a fresh checkout is as fast as any. */
export default class SlowestFirst {
  /** @param {readonly { path: string, context: { config: { rootDir: string } } }[]} tests */
  sort(tests) {
    return tests
      .map((test) => ({ test, seconds: secondsOf(test), bytes: statSync(test.path).size }))
      .sort((left, right) => right.seconds - left.seconds || right.bytes - left.bytes)
      .map(({ test }) => test);
  }

  cacheResults() {}
}

/** @param {{ path: string, context: { config: { rootDir: string } } }} test */
function secondsOf({ path, context }) {
  return SECONDS.get(relative(context.config.rootDir, path)) ?? 0;
}
