import { parseArgs } from 'node:util';
import { startOpenAiMock } from './mock-server.js';

const DEFAULT_PORT = '1573';

try {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: DEFAULT_PORT }, 'fail-every': { type: 'string' } },
  });
  const failEvery = values['fail-every'];
  const mock = await startOpenAiMock({
    port: readNumber('--port', values.port, 0, 65_535),
    ...(failEvery !== undefined && { failEvery: readNumber('--fail-every', failEvery, 1, 1_000_000) }),
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void mock.close());
  process.stdout.write(`The mock of the OpenAI API is ready: OPENAI_BASE_URL=${mock.url}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function readNumber(option: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`${option} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
}
