/** What the banner tells: a line each. */
export interface BannerFacts {
  database: string;
  queue: string;
  vectors: string;
  model: string;
  url: string;
  /** Where the log goes; null: to stdout, as JSON. */
  logFile: string | null;
  readyMs: number;
}

/** What a newcomer sees when Baton is ready: its parts, where it is, and what to try. */
export function renderBanner(facts: BannerFacts): string {
  const { url } = facts;
  const rows = [
    ['database', facts.database],
    ['queue', facts.queue],
    ['vectors', facts.vectors],
    ['model', facts.model],
    ...(facts.logFile === null ? [] : [['log', facts.logFile]]),
    ['URL', url],
  ];
  return [
    '',
    `  Baton is ready (${(facts.readyMs / 1_000).toFixed(1)} s)`,
    '',
    ...rows.map(([name = '', value]) => `  ${name.padEnd(9)} ${value}`),
    '',
    '  Try:',
    '    npm run ingest:docs        takes in the documentation of Baton',
    `    curl -s ${url}/api/tasks -H 'content-type: application/json' -d '{"title":"What happens when Redis loses everything?"}'`,
    `    curl -s ${url}/run-agents -H 'content-type: application/json' -H 'prefer: wait=30' -d '{"id":"<id of the task>"}'`,
    `    open ${url}/docs and ${url}/admin/queues`,
    '',
    '  Ctrl-C ends everything; the next start continues what was unfinished.',
    '',
    '',
  ].join('\n');
}
