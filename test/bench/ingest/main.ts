// `npm run bench:ingest [-- <rounds>]`: 300 files of Debian's documentation, ingested by a durable run; in the first round the worker is killed twice.
import { quantile } from '../bench-client.js';
import { describeMachine } from '../machine.js';
import { kindOf, readCorpus } from './corpus.js';
import { measureRound, type Round } from './round.js';

const FILES = 300;
const KILLS_AT = [80, 180];
const QUERIES = 200;

const rounds = Number(process.argv[2] ?? 3);
const corpus = readCorpus(FILES);
const mib = corpus.reduce((sum, { content }) => sum + content.length, 0) / 2 ** 20;
const kinds = Object.entries(Object.groupBy(corpus, ({ name }) => kindOf(name))).map(
  ([kind, files]) => `${files!.length} ${kind}`,
);
const machine = describeMachine();

const measured: Round[] = [];
for (let round = 0; round < rounds; round += 1) {
  const figures = await measureRound({ corpus, killsAt: round === 0 ? KILLS_AT : [], queries: QUERIES });
  measured.push(figures);
  process.stderr.write(`round ${round + 1}/${rounds}: ${JSON.stringify({ ...figures, searchMs: undefined })}\n`);
}

const { cpu, cores, memoryGiB, filesystem, loadBefore, versions } = machine;
const row = (figures: Round, index: number): string => {
  const perSecond = (FILES / figures.ingestedMs) * 1_000;
  const times = figures.searchMs.toSorted((a, b) => a - b);
  const cells = [
    index === 0 ? `killed after ${KILLS_AT.join(' and ')} files` : 'undisturbed',
    ...[(figures.acceptedMs / 1_000).toFixed(1), (figures.ingestedMs / 1_000).toFixed(1), perSecond.toFixed(1)],
    ...[(figures.chunks / figures.ingestedMs) * 1_000].map((chunks) => chunks.toFixed(0)),
    ...[quantile(times, 0.5), quantile(times, 0.95), times.at(-1)!].map((ms) => ms.toFixed(1)),
  ];
  return `| ${cells.join(' | ')} |`;
};
const { output, chunks } = measured[0]!;
process.stdout.write(
  [
    `${FILES} files (${kinds.join(', ')}), ${mib.toFixed(1)} MiB, ${chunks} chunks: ${output.ingested} ingested, ${output.duplicates} duplicates, ${output.refused_count} refused.`,
    `Measured ${new Date().toISOString().slice(0, 10)}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${filesystem}; load before: ${loadBefore}; node ${versions['node']}, mariadb ${versions['mariadb']}, commit ${versions['commit']}.`,
    '',
    '| round | accepted, s | ingested, s | files/s | chunks/s | search p50, ms | p95 | max |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...measured.map(row),
    '',
  ].join('\n'),
);
for (const { name, code } of output.refused) process.stderr.write(`refused: ${name}: ${code}\n`);
