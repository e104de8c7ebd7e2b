import { tmpdir } from 'node:os';
import { keepLogs } from './test-folder.mjs';

/** A reporter of Jest; jest.config.js names it. */
export default class LogKeeper {
  /**
   * @param {unknown} _contexts
   * @param {{ success: boolean }} results
   */
  onRunComplete(_contexts, { success }) {
    if (!success) keepLogs(tmpdir());
  }
}
