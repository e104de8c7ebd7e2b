import { beforeEach, describe, expect, it } from '@jest/globals';
import { AccessControl, loadConfig } from '@baton/platform';
import { FakeSocket } from '../../../../test/support/fake-socket.js';
import { World } from '../../../../test/support/in-memory/index.js';
import { LiveClient } from './live-client.js';
import { LiveGate } from './live-gate.js';
import { LiveUpkeep } from './live-upkeep.js';
import { WsTokens } from './ws-tokens.js';

const config = loadConfig('standalone', { WS_HEARTBEAT_MS: '10000', WS_TOKEN_TTL_MS: '120000', WS_BUFFER_BYTES: '1024' });

let world: World;
let tokens: WsTokens;
let gate: LiveGate;
let socket: FakeSocket;
let client: LiveClient;
let beats: number;
let pass: (ms: number, reads?: boolean) => Promise<void>;

const principal = () => AccessControl.load(config).authenticate(undefined)!;

beforeEach(async () => {
  world = new World();
  const { runs, workflows } = world.api('a1');
  const access = AccessControl.load(config);
  tokens = new WsTokens(access, world.clock, config);
  gate = new LiveGate(access, tokens, runs, workflows);
  const caller = await tokens.read((await tokens.issue(principal())).token);
  socket = new FakeSocket();
  client = new LiveClient(socket, caller!, world.clock, config.wsBufferBytes);
  beats = 0;
  const upkeep = new LiveUpkeep(gate, world.clock, config);
  const session = { beat: () => (beats += 1) };
  pass = async (ms, reads = true) => {
    for (let left = ms; left > 0 && !client.signal.aborted; left -= 1_000) {
      await world.clock.advance(1_000);
      const { pings } = socket;
      upkeep.look(client, { beat: () => void session.beat() });
      if (reads) socket.readAll();
      if (reads && socket.pings > pings) client.heard();
    }
  };
});

describe('the upkeep of a client', () => {
  it('pings it at each heartbeat, and lets it be while it answers', async () => {
    await pass(50_000);
    expect([socket.pings, beats, socket.closedWith]).toEqual([5, 5, null]);
  });

  it('closes one that gives no sign of life for three heartbeats', async () => {
    await pass(30_000, false);
    expect(socket.closedWith).toBeNull();
    await pass(1_000, false);
    expect([socket.closedWith, client.closedFor]).toEqual([4408, 'silent']);
  });

  it('asks once for another token, and goes on with it', async () => {
    await pass(90_000);
    expect(socket.sent).toEqual(['{"type":"refresh"}']);
    await gate.renew(client, (await tokens.issue(principal())).token);
    await pass(60_000);
    expect([socket.sent.length, socket.closedWith]).toEqual([1, null]);
  });

  it('closes one whose token has ended', async () => {
    await pass(120_000);
    expect([socket.closedWith, client.closedFor]).toEqual([4401, 'token_ended']);
  });
});

describe('a token of WebSockets', () => {
  it('is not taken from other hands', async () => {
    const { token } = await tokens.issue(principal());
    const others = new WsTokens(AccessControl.load(config), world.clock, config);
    expect(await others.read(token)).toBeNull();
    const [head, body, signature] = token.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, tenant: 'other' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const bad of ['', 'x', `${head}.${forged}.${signature}`, `${none}.${body}.`, `${head}.${body}.`])
      expect(await tokens.read(bad)).toBeNull();
    expect(claims).toMatchObject({ sub: 'local', tenant: 'default', roles: ['admin'], iss: 'baton', aud: 'baton-ws' });
  });

  it('of somebody else does not renew', async () => {
    client.caller = { ...client.caller, principal: { ...client.caller.principal, name: 'other' } };
    await expect(gate.renew(client, (await tokens.issue(principal())).token)).rejects.toMatchObject({ reason: 'forbidden' });
    await expect(gate.renew(client, 'x')).rejects.toMatchObject({ reason: 'token_invalid' });
  });
});
