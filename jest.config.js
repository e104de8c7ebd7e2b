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

/** Suites that hold something to a time: they run alone, one after the other. */
const BY_THE_CLOCK = '/(redis-(connection|queue|lock|doorbell)|database-mysql|killed-worker-rescued)\\.spec\\.ts$';

/**
 * @param {string} displayName
 * @param {readonly string[]} folders
 */
const project = (displayName, folders) => ({
  displayName,
  // What one run of Jest has compiled serves the next.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  testEnvironment: 'node',
  roots: folders.map((folder) => `<rootDir>/${folder}`),
  testRegex: '\\.spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  testPathIgnorePatterns: ['/node_modules/', BY_THE_CLOCK],
  moduleNameMapper: {
    ...Object.fromEntries(libs.map((lib) => [`^@baton/${lib}$`, `<rootDir>/libs/${lib}/src/index.ts`])),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
});

/** Pure specs stand beside the source (`unit`); the engine over virtual time in `test/sim`; what needs a server in the rest of `test/`. */
export default {
  // On a machine that others use too five seconds pass soon. Jest heeds it here alone, not in a project.
  testTimeout: 20_000,
  globalSetup: '<rootDir>/scripts/jest-folder.mjs',
  reporters: ['default', '<rootDir>/scripts/log-keeper.mjs'],
  testSequencer: '<rootDir>/scripts/slowest-first.mjs',
  projects: [
    project('unit', ['libs', 'apps', 'test/chaos', 'test/soak']),
    project('sim', ['test/sim']),
    project('conformance', ['test/conformance']),
    project('integration', ['test/integration']),
    project('e2e', ['test/e2e']),
    {
      ...project('clock', ['test/integration', 'test/e2e']),
      testRegex: BY_THE_CLOCK,
      testPathIgnorePatterns: ['/node_modules/'],
    },
  ],
};
