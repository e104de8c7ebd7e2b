// The arrows between the rooms, as docs/architecture.md draws them.

const LIBS = ['core', 'engine', 'nodes', 'agents', 'storage', 'queue', 'vectors', 'documents', 'outbound', 'platform'];

/** What each lib may import of ours; `platform` may import any lib. */
const ALLOWED = {
  core: [],
  engine: ['core'],
  agents: ['core'],
  nodes: ['core', 'agents'],
  storage: ['core'],
  queue: ['core'],
  vectors: ['core'],
  documents: ['core'],
  outbound: ['core'],
  platform: LIBS,
};

const SPEC = '\\.spec\\.ts$';

const libRules = Object.entries(ALLOWED).map(([lib, allowed]) => ({
  name: `arrows-of-${lib}`,
  comment: `libs/${lib} imports ${allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`}; migrations belong to storage.`,
  severity: 'error',
  from: { path: `^libs/${lib}/` },
  to: {
    path: '^(apps|libs|migrations|scripts)/',
    pathNot: [`^libs/(${[lib, ...allowed].join('|')})/`, ...(lib === 'storage' ? ['^migrations/'] : [])],
  },
}));

const doorRules = LIBS.map((lib) => ({
  name: `door-of-${lib}`,
  comment: `libs/${lib} is entered through its index.ts.`,
  severity: 'error',
  from: { pathNot: `^libs/${lib}/` },
  to: { path: `^libs/${lib}/`, pathNot: `^libs/${lib}/src/index\\.ts$` },
}));

export default {
  forbidden: [
    ...libRules,
    ...doorRules,
    {
      name: 'apps-import-no-app',
      comment: 'Only apps/standalone imports apps.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'console-talks-http',
      comment: 'The console knows the API by its description alone.',
      severity: 'error',
      from: { path: '^apps/console/' },
      to: { path: '^(libs|migrations|scripts)/' },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A migration never changes, so it imports nothing that does.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^(apps|libs|scripts|test)/' },
    },
    {
      name: 'nest-at-the-edge',
      comment: 'Nest stays in apps and libs/platform: the rest is plain TypeScript that a test can `new`.',
      severity: 'error',
      from: { path: '^(libs|migrations)/', pathNot: '^libs/platform/' },
      to: { path: '(^|/)(@nestjs|@bull-board)/' },
    },
    {
      name: 'prometheus-in-platform',
      comment: 'Figures are counted through `Metrics` of libs/platform.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: '^libs/platform/src/metrics' },
      to: { path: '(^|/)prom-client/' },
    },
    {
      name: 'core-is-pure',
      comment: 'libs/core needs zod, expressions, JSON Patch and Schema, hashing and the clock: no files, no network.',
      severity: 'error',
      from: { path: '^libs/core/', pathNot: SPEC },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional'],
        pathNot: [
          '^(crypto|timers/promises|util)$',
          '(^|/)zod/',
          '(^|/)@marcbachmann/cel-js/',
          '(^|/)rfc6902/',
          '(^|/)@cfworker/json-schema/',
        ],
      },
    },
    {
      name: 'no-test-code-in-production',
      comment: 'What is shipped imports no test code and no development package.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: SPEC },
      to: { path: ['^test/', SPEC], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-development-package-in-production',
      comment: 'What is shipped needs only `dependencies`; of the console, what is built.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: [SPEC, '^apps/console/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-unresolved-imports', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
};
