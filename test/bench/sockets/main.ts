// `npm run bench:sockets [-- <idle> <stopped> <events> <bytes>]`: what clients of WebSockets cost an API process in memory: idle ones, and ones
// that have stopped reading a long run, while another client reads all of it.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.js';
import { openSocket, wsToken, type LiveSocket } from '../../support/live-socket.js';
import { describeMachine, machineLine } from '../machine.js';
import { MEMORY_REQUEST, type MemoryInUse } from '../memory-probe.js';

const [idle = 2_000, stopped = 100, events = 20_000, bytes = 1_000] = process.argv.slice(2).map(Number);
const AT_ONCE = 50;

interface Told {
  kind: string;
  url: string;
  runId: string;
  memory: MemoryInUse;
}

async function toldBy(server: ChildProcess, kind: string): Promise<Told> {
  for (;;) {
    const [told] = (await once(server, 'message')) as [Told];
    if (told.kind === kind) return told;
  }
}

async function openMany(count: number, open: () => Promise<unknown>): Promise<void> {
  for (let left = count; left > 0; left -= AT_ONCE) await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, open));
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const server = fork(here('server.ts'), [String(events), String(bytes)], {
  execArgv: ['--import', here('../../support/typescript-hooks.ts'), '--import', here('../memory-probe.ts')],
});
const { url, runId } = await toldBy(server, 'ready');
const token = await wsToken(url);
const open = (): Promise<LiveSocket> => openSocket(url, '/ws/live', token);
const measure = async (): Promise<MemoryInUse> => {
  server.send(MEMORY_REQUEST);
  return (await toldBy(server, MEMORY_REQUEST)).memory;
};
/** As the server itself counts it. */
const buffered = async (): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^baton_ws_buffered_bytes (\d+)/m.exec(text)?.[1]);
};
const say = (what: string, { heapBytes, residentBytes }: MemoryInUse, more = ''): void =>
  console.log(`${what.padEnd(34)} heap ${megabytes(heapBytes)}  resident ${megabytes(residentBytes)}${more}`);
const megabytes = (count: number): string => `${(count / 1_048_576).toFixed(1).padStart(7)} MiB`;

console.log(`${machineLine(describeMachine())}\na run of ${events} events of ${bytes} bytes`);
say('no client', await measure());
await openMany(idle, async () => {
  const client = await open();
  client.send({ type: 'subscribe', id: '1', topic: 'runs' });
  await client.read((messages) => messages.length > 0);
});
say(`${idle} idle clients`, await measure());
await openMany(stopped, async () => {
  const client = await open();
  client.send({ type: 'subscribe', id: '1', topic: 'run', run_id: runId });
  await client.read((messages) => messages.length > 0);
  client.socket.pause();
});
const startedAt = performance.now();
const reader = await open();
reader.send({ type: 'subscribe', id: '1', topic: 'run', run_id: runId });
await eventually(() => reader.messages.at(-1)?.['seq'] === events, 'the reader has read everything', 300_000);
const seqs = reader.messages.flatMap(({ seq }) => (typeof seq === 'number' ? [seq] : []));
if (seqs.length !== events || seqs.some((seq, index) => seq !== index + 1)) throw new Error('the reader has missed an event');
const readIn = ((performance.now() - startedAt) / 1_000).toFixed(1);
say(`and ${stopped} stopped readers`, await measure(), `  unread in the process ${megabytes(await buffered())}`);
console.log(`meanwhile a client has read all ${events} events, each once and in order, in ${readIn} s`);
server.kill();
process.exit(0);
