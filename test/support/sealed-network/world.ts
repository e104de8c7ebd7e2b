// A program for a network namespace of its own, in which every address of the world is this machine's: what the guarded client reaches there
// arrives at the listener below, and what it does not send is counted by the kernel. Prints a line of JSON for each attempt.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { BatonError } from '@baton/core';
import { GuardedHttpClient, parseAllowedTarget } from '@baton/outbound';
import { ATTEMPTS, type Attempt, type AttemptResult } from './attempts.js';

/** Nothing may be sent anywhere before it is certain that there is nobody to receive it. */
function sealNetwork(): void {
  const interfaces = Object.keys(networkInterfaces());
  const routes = readFileSync('/proc/net/route', 'utf8').trim().split('\n').slice(1);
  if (interfaces.length > 0 || routes.length > 0) throw new Error(`this network leads somewhere: ${interfaces.join(', ')}`);
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  execFileSync('ip', ['route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo']);
  execFileSync('ip', ['-6', 'route', 'add', 'local', '::/0', 'dev', 'lo']);
}

/** Connections that this network has begun: packets that were sent, whether anybody listened or not. */
function connectionsBegun(): number {
  const [names = [], values = []] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('ActiveOpens')]);
}

const reached: string[] = [];

async function listen(): Promise<void> {
  const server = createServer((request, response) => {
    const location = new URL(request.url ?? '/', 'http://here').searchParams.get('to');
    // No connection is kept: a second call resolves the name anew.
    response.setHeader('connection', 'close');
    if (location === null) response.end('reached');
    else response.writeHead(302, { location }).end();
  });
  server.on('connection', ({ localAddress = '' }) => void reached.push(localAddress.replace(/^::ffff:/, '')));
  for (const port of [80, 8080]) {
    const listener = port === 80 ? server : createServer((_, response) => response.end('reached'));
    listener.on('connection', ({ localAddress = '' }) => port !== 80 && reached.push(localAddress.replace(/^::ffff:/, '')));
    await once(listener.listen(port, '::'), 'listening');
  }
}

/** As any other client would connect. */
async function connectPlainly(address: string): Promise<string> {
  const socket = connect(80, address);
  await once(socket, 'connect');
  socket.destroy();
  return 'connected';
}

async function attempt({ url, answers = [], allow = [] }: Attempt): Promise<string> {
  if (isIP(url) !== 0) return connectPlainly(url);
  let asked = 0;
  const resolve = async () => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    return addresses.map((address) => ({ address, family: isIP(address) }));
  };
  const options = { allow: allow.map((text) => parseAllowedTarget(text)!), ports: [80, 443], blockedPaths: ['/admin'] };
  const bounds = { timeoutMs: 5_000, maxRequestBytes: 1_000, maxResponseBytes: 1_000, maxRedirects: 3, maxPerHost: 5 };
  const client = new GuardedHttpClient({ ...options, ...bounds }, resolve);
  const call = { method: 'GET', headers: {}, body: null, signal: new AbortController().signal };
  try {
    for (let calls = 1; calls < answers.length; calls += 1) await client.send({ ...call, url });
    return String((await client.send({ ...call, url })).status);
  } catch (error) {
    return error instanceof BatonError ? `${error.code}: ${error.message}` : String(error);
  } finally {
    await client.close();
  }
}

sealNetwork();
await listen();
for (const one of ATTEMPTS) {
  const before = { connections: connectionsBegun(), reached: reached.length };
  const outcome = await attempt(one);
  await new Promise(setImmediate);
  const result: AttemptResult = {
    outcome,
    connections: connectionsBegun() - before.connections,
    reached: reached.slice(before.reached),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
process.exit(0);
