// `npm run overload`: offers one API and one worker up to ten times what they can do, and checks what they make of it. The exit code says how it went.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Deployment } from './deployment.js';
import { measureOverload } from './measure.js';
import { checksOf, renderOverload } from './report.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    'own-hosts': { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 1) throw new Error('--seconds must be a whole number: how long each load lasts');

const loadBefore = loadavg()[0]!.toFixed(1);
const deployment = await Deployment.open({ ownHosts: values['own-hosts'] });
try {
  const overload = await measureOverload(deployment, seconds, (line) => process.stderr.write(`${line}\n`));
  const checks = checksOf(overload);
  const load = `${loadBefore} before, ${loadavg()[0]!.toFixed(1)} after`;
  process.stdout.write(
    `${values.json ? JSON.stringify({ ...overload, checks, load }, null, 1) : renderOverload(overload, load)}\n`,
  );
  process.exitCode = checks.every(({ passed }) => passed) ? 0 : 1;
} finally {
  await deployment.close();
}
