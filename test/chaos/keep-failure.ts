import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Drill } from './drill.js';

/** Keeps what a drill that failed leaves behind: the result with its seed and schedule, the journals and effects concerned, all logs. */
export function keepFailure({ result, evidence, logFiles }: Drill): string {
  const dir = join('test-results', 'chaos', `${result.seed}-${result.row.replaceAll('/', '-')}`);
  mkdirSync(dir, { recursive: true });
  const keep = (name: string, content: unknown): void => writeFileSync(join(dir, name), JSON.stringify(content, null, 1));
  const concerned = new Set(result.violations.map(({ runId }) => runId));
  const isConcerned = ({ runId }: { runId: string }): boolean => concerned.has(runId);
  keep('result.json', result);
  keep(
    'operations.json',
    evidence.operations.filter(({ outcome, ms }) => outcome !== 'ok' || ms > 1_000),
  );
  keep(
    'runs.json',
    evidence.runs.filter(({ id }) => concerned.has(id)),
  );
  keep('journals.json', Object.fromEntries([...evidence.journals].filter(([runId]) => concerned.has(runId))));
  keep('effects.json', evidence.effects.filter(isConcerned));
  for (const file of logFiles) copyFileSync(file, join(dir, `${basename(dirname(file))}.jsonl`));
  return dir;
}
