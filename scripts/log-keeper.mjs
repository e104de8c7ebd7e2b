import { tmpdir } from 'node:os';
import { keepLogs } from './test-folder.mjs';

/** A reporter of Jest; jest.config.js names it. */
export default class LogKeeper {
  /**
   * @param {unknown} _contexts
   * @param {{ numFailedTests: number, numRuntimeErrorTestSuites: number }} results `success` is not known yet
   */
  onRunComplete(_contexts, { numFailedTests, numRuntimeErrorTestSuites }) {
    if (numFailedTests + numRuntimeErrorTestSuites > 0) keepLogs(tmpdir());
  }
}
