// `npm run soak`: work of every kind for minutes or hours, and whether anything grows or stays behind. The exit code says how it went.
import { say } from '../chaos/say.js';
import { Servers } from '../chaos/servers.js';
import { readOptions, USAGE, type SoakOptions } from './options.js';
import type { Slope } from './slope.js';
import { soak, type Soak } from './soak.js';
import { JUDGED_FROM_SECONDS } from './verdict.js';

const perHour = (slope: Slope | null): string =>
  slope === null ? 'unknown' : `${slope.perHour.toFixed(1)} ± ${slope.bound.toFixed(1)} MB/h`;

function tell({ seconds, runs, operations, killed, verdict }: Soak): void {
  say(`${seconds} s, ${runs} runs, ${operations} calls, ${killed} processes killed`);
  for (const { process, rssMb, heapMb, fds, handles } of verdict.trends) {
    say(
      `${process}: RSS ${rssMb.first.toFixed(0)} to ${rssMb.last.toFixed(0)} MB, slope ${perHour(rssMb.slope)}; heap floor ${perHour(heapMb.slope)}; open files ${fds.first} to ${fds.last}, handles ${handles.first} to ${handles.last}`,
    );
  }
  if (!verdict.isMemoryJudged)
    say(`memory is not judged: that takes ${JUDGED_FROM_SECONDS / 60} minutes after the warm-up, half of the time`);
  for (const failure of verdict.failures.slice(0, 30)) say(`     ${failure}`);
  say(
    verdict.failures.length === 0 ? 'ok   no more open files, nothing left behind' : `FAIL ${verdict.failures.length} findings`,
  );
}

let options: SoakOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exit(2);
}
say(`seed ${options.seed}, ${options.minutes} minutes`);
const servers = await Servers.start();
try {
  const done = await soak(servers, options);
  tell(done);
  if (options.json) process.stdout.write(`${JSON.stringify(done, null, 1)}\n`);
  process.exitCode = done.verdict.failures.length === 0 ? 0 : 1;
} finally {
  await servers.stop();
}
process.exit();
