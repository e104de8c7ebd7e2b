const libs = ['core', 'engine', 'nodes', 'agents', 'storage', 'queue', 'vectors', 'documents', 'platform'];
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

/**
 * @param {string} displayName
 * @param {readonly string[]} folders
 */
const project = (displayName, folders) => ({
  displayName,
  testEnvironment: 'node',
  roots: folders.map((folder) => `<rootDir>/${folder}`),
  testRegex: '\\.spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    ...Object.fromEntries(libs.map((lib) => [`^@baton/${lib}$`, `<rootDir>/libs/${lib}/src/index.ts`])),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['<rootDir>/test/support/jest-setup.mjs'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
});

/** Pure specs stand beside the source (`unit`); the engine over virtual time in `test/sim`; what needs a server in the rest of `test/`. */
export default {
  projects: [
    project('unit', ['libs', 'apps', 'test/chaos', 'test/soak']),
    project('sim', ['test/sim']),
    project('conformance', ['test/conformance']),
    project('integration', ['test/integration']),
    project('e2e', ['test/e2e']),
  ],
};
