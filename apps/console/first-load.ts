import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

/** What a browser may have to fetch, compressed, before the home page stands. */
const BUDGET_BYTES = 300_000;
/** What the home page needs besides what the entry imports itself. */
const HOME = /\/pages\/home\/home-page\.tsx$/;

/** Fails the build when the home page needs more than the budget: something heavy is not imported lazily. */
export function boundFirstLoad(): Plugin {
  return {
    name: 'bound-first-load',
    apply: 'build',
    generateBundle(_options, bundle) {
      const files = firstFiles(bundle);
      const sizes = files.map((file) => gzipSync(file.type === 'chunk' ? file.code : file.source).length);
      const sum = sizes.reduce((total, size) => total + size, 0);
      if (sum <= BUDGET_BYTES) return;
      const names = files.map(({ fileName }, index) => `${fileName} ${sizes[index]!}`);
      this.error(`the home page needs ${sum} bytes, of ${BUDGET_BYTES}: ${names.join(', ')}`);
    },
  };
}

type Output = Rolldown.OutputBundle[string];

/** The entry and the home page, with all that they import at once, and the styles of these. */
function firstFiles(bundle: Rolldown.OutputBundle): Output[] {
  const found = new Set<string>();
  const take = (name: string): void => {
    const file = bundle[name];
    if (file === undefined || found.has(name)) return;
    found.add(name);
    if (file.type !== 'chunk') return;
    for (const next of [...file.imports, ...(file.viteMetadata?.importedCss ?? [])]) take(next);
  };
  for (const file of Object.values(bundle)) {
    if (file.type === 'chunk' && (file.isEntry || HOME.test(file.facadeModuleId ?? ''))) take(file.fileName);
  }
  return [...found].map((name) => bundle[name]!);
}
