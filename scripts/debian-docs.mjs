import { execFileSync } from 'node:child_process';
import { installFromDebian } from './servers.mjs';

/** As test/bench/ingest/corpus.ts reads them. */
const DOC_PACKAGES = [
  ...['debian-policy', 'debian-reference-en', 'developers-reference', 'maint-guide', 'debian-faq', 'debian-kernel-handbook'],
  ...['packaging-tutorial', 'harden-doc', 'debian-handbook'],
];

/** Finds Debian's documentation, and installs it where root may. */
export async function ensureDebianDocs() {
  const missing = DOC_PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new Error(`First: sudo apt-get install ${missing.join(' ')}`);
  await installFromDebian(missing);
}

/** @param {string} name */
function isInstalled(name) {
  try {
    execFileSync('dpkg-query', ['--listfiles', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
