const libs = ['core', 'engine', 'nodes', 'agents', 'storage', 'queue', 'vectors', 'platform'];
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

const project = (displayName, roots, options = {}) => ({
  displayName,
  testEnvironment: 'node',
  roots: roots.map((root) => `<rootDir>/${root}`),
  testRegex: '\\.spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    ...Object.fromEntries(libs.map((lib) => [`^@baton/${lib}$`, `<rootDir>/libs/${lib}/src/index.ts`])),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['<rootDir>/test/support/jest-setup.mjs'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  ...options,
});

/** Pure specs stand beside the source (`unit`); what needs a server stands in `test/`. */
export default {
  projects: [
    project('unit', ['libs', 'apps']),
    project('conformance', ['test/conformance']),
    project('integration', ['test/integration']),
    project('e2e', ['test/e2e']),
  ],
};
