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
    ['console', url],
    ['database', facts.database],
    ['queue', facts.queue],
    ['vectors', facts.vectors],
    ['model', facts.model],
    ...(facts.logFile === null ? [] : [['log', facts.logFile]]),
  ];
  return [
    '',
    `  Baton is ready (${(facts.readyMs / 1_000).toFixed(1)} s)`,
    '',
    ...rows.map(([name = '', value]) => `  ${name.padEnd(9)} ${value}`),
    '',
    `  Open ${url} and watch: a first run is under way where nothing had run before.`,
    `  Or ask from a terminal, as the README shows. The API: ${url}/docs   Queues: ${url}/admin/queues`,
    '',
    '  Ctrl-C ends everything; the next start continues what was unfinished.',
    '',
    '',
  ].join('\n');
}
