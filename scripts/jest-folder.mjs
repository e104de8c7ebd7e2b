import { makeTestFolder } from './test-folder.mjs';

/** Before the first suite of Jest: one place for the temporary files of all. jest.config.js names this file. */
export default function setTemporaryFolder() {
  process.env.TMPDIR = makeTestFolder();
}
