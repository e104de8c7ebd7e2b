import { driveRuns, type BenchClient, type Drive, type StageAddress } from './bench-client.js';

/** The client process: `client.js <module> <address as JSON>`. The module's `connect` gives the system's client. */
const [module, address] = process.argv.slice(2) as [string, string];

interface ClientModule {
  connect(address: StageAddress): Promise<BenchClient>;
}

const system = (await import(module)) as ClientModule;
const client = await system.connect(JSON.parse(address) as StageAddress);

process.on('message', (message) => {
  if (typeof message === 'string') return;
  driveRuns(client, message as Drive)
    .then((result) => process.send?.({ kind: 'driven', result }))
    .catch((error: unknown) => process.send?.({ kind: 'error', error: error instanceof Error ? error.stack : String(error) }));
});
process.channel?.ref();
process.send?.({ kind: 'connected' });
