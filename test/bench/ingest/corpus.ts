import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { SentFile } from '../../support/ingest.js';

/** Packages with documentation of Debian itself. */
const DOC_PACKAGES = [
  ...['debian-policy', 'debian-reference-en', 'developers-reference', 'maint-guide', 'debian-faq', 'debian-kernel-handbook'],
  ...['packaging-tutorial', 'harden-doc', 'debian-handbook'],
];

/** Of these, English is taken. */
const MANY_LANGUAGES = new Set(['harden-doc', 'debian-handbook']);
const KINDS = ['.pdf', '.txt', '.html'];
const MIN_BYTES = 1_000;

/** So many files of {@link DOC_PACKAGES}: all PDF, then all text, then HTML, each in the order of the packages and of their paths. */
export function readCorpus(files: number): SentFile[] {
  const paths = DOC_PACKAGES.flatMap(listFiles);
  const ordered = KINDS.flatMap((kind) => paths.filter((path) => kindOf(path) === kind));
  const corpus: SentFile[] = [];
  /** Some pages come under two names. */
  const seen = new Set<string>();
  for (const path of ordered) {
    if (corpus.length === files) break;
    const bytes = readFileSync(path);
    const content = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    const digest = createHash('sha256').update(content).digest('hex');
    if (content.length < MIN_BYTES || seen.has(digest)) continue;
    seen.add(digest);
    corpus.push({ name: path.replace(/\.gz$/, ''), content });
  }
  if (corpus.length < files) throw new Error(`The packages have ${corpus.length} files instead of ${files}`);
  return corpus;
}

/** `.pdf`, `.txt` or `.html`; another extension where it is none of them. */
export function kindOf(path: string): string {
  return extname(path.replace(/\.gz$/, ''));
}

function listFiles(debianPackage: string): string[] {
  const listed = execFileSync('dpkg-query', ['--listfiles', debianPackage], { encoding: 'utf8' }).trim().split('\n').toSorted();
  const isEnglish = (path: string): boolean => !MANY_LANGUAGES.has(debianPackage) || path.includes('/en-US/');
  return listed.filter((path) => KINDS.includes(kindOf(path)) && isEnglish(path) && statSync(path).isFile());
}
