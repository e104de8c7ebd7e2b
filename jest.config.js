const libs = ['core', 'engine', 'nodes', 'agents', 'storage', 'queue', 'vectors', 'documents', 'outbound', 'platform'];
const swc = {
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/** With real servers on a machine that others use too, five seconds pass soon. */
const SERVED_TIMEOUT_MS = 20_000;

/** Suites that hold something to a time: they run alone, one after the other. */
const BY_THE_CLOCK = '/(redis-(connection|queue|lock|doorbell)|database-mysql|killed-worker-rescued)\\.spec\\.ts$';

/**
 * @param {string} displayName
 * @param {readonly string[]} folders
 * @param {number} [testTimeout]
 */
const project = (displayName, folders, testTimeout = 15_000) => ({
  displayName,
  // What one run of Jest has compiled serves the next.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  testTimeout,
  testEnvironment: 'node',
  roots: folders.map((folder) => `<rootDir>/${folder}`),
  testRegex: '\\.spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  testPathIgnorePatterns: ['/node_modules/', BY_THE_CLOCK],
  moduleNameMapper: {
    ...Object.fromEntries(libs.map((lib) => [`^@baton/${lib}$`, `<rootDir>/libs/${lib}/src/index.ts`])),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['<rootDir>/test/support/jest-setup.mjs'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
});

/** Pure specs stand beside the source (`unit`); the engine over virtual time in `test/sim`; what needs a server in the rest of `test/`. */
export default {
  testSequencer: '<rootDir>/scripts/slowest-first.mjs',
  projects: [
    project('unit', ['libs', 'apps', 'test/chaos', 'test/soak']),
    project('sim', ['test/sim']),
    project('conformance', ['test/conformance'], SERVED_TIMEOUT_MS),
    project('integration', ['test/integration'], SERVED_TIMEOUT_MS),
    project('e2e', ['test/e2e'], SERVED_TIMEOUT_MS),
    {
      ...project('clock', ['test/integration', 'test/e2e'], SERVED_TIMEOUT_MS),
      testRegex: BY_THE_CLOCK,
      testPathIgnorePatterns: ['/node_modules/'],
    },
  ],
};
