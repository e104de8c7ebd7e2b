import { beforeEach, describe, expect, it } from '@jest/globals';
import { openedApproval, USUAL_ASK, type Approval, type ApprovalAsk, type Clock } from '@baton/core';
import { ApprovalLinks, type MakeApprovalLink } from './approval-links.js';

const SECRET = 's'.repeat(32);
const HOUR_MS = 3_600_000;

let now: number;
let approval: Approval;
let decisions: unknown[][];

function linksWith(secret: string | null): ApprovalLinks {
  const runs = { findApproval: () => Promise.resolve(approval) };
  const decide = (...made: unknown[]): Promise<Approval> => {
    decisions.push(made);
    return Promise.resolve(approval);
  };
  const clock = { now: () => now } as Clock;
  return new ApprovalLinks({ runs, signaller: { decide }, clock }, { secret });
}

const asked = (ask: Partial<ApprovalAsk> = {}): Approval =>
  openedApproval(
    { id: 'run-1', tenantId: 't' },
    { kind: 'opened', nodeId: 'a', visit: 1, title: 'Ship it?', at: 100, ask: { ...USUAL_ASK, due_at: null, ...ask } },
  );
const wanted = (more: Partial<MakeApprovalLink> = {}): MakeApprovalLink => ({
  ...{ tenantId: 't', approvalId: 'run-1.1.a', issuer: { name: 'ann', role: 'operator' } },
  ...{ choices: ['approve', 'reject'], forMs: HOUR_MS, ...more },
});
const approve = { decision: 'approve', comment: null, payload: null } as const;

beforeEach(() => {
  now = 1_000;
  approval = asked();
  decisions = [];
});

describe('a link', () => {
  it('decides in the name of who made it, with the roles of then', async () => {
    const links = linksWith(SECRET);
    const { token, link } = await links.make(wanted());
    expect(await links.open(token)).toEqual({ link, approval });
    expect(decisions).toEqual([]);
    await links.decide(token, approve);
    expect(decisions).toEqual([
      ['t', 'run-1.1.a', { ...approve, by: 'ann', roles: ['viewer', 'operator'], link: { id: link.id, issuedBy: 'ann' } }],
    ]);
  });

  it('expires', async () => {
    const links = linksWith(SECRET);
    const { token } = await links.make(wanted());
    now += HOUR_MS;
    await expect(links.open(token)).rejects.toMatchObject({ code: 'link_expired' });
    await expect(links.decide(token, approve)).rejects.toMatchObject({ code: 'link_expired' });
  });

  it('decides only as it may', async () => {
    const links = linksWith(SECRET);
    const { token } = await links.make(wanted({ choices: ['reject'] }));
    await expect(links.decide(token, approve)).rejects.toMatchObject({ code: 'forbidden' });
    expect(decisions).toEqual([]);
  });

  it('is taken for genuine in no other form', async () => {
    const links = linksWith(SECRET);
    const { token, link } = await links.make(wanted());
    const [body, signature] = token.split('.') as [string, string];
    const forged = Buffer.from(JSON.stringify({ ...link, approval: 'run-2.1.a' })).toString('base64url');
    const texts = [`${forged}.${signature}`, body, `${body}.`, `${token}.`, `${body}.${signature.slice(0, -2)}`, '', '.', 'x.y'];
    for (const text of texts) await expect(links.decide(text, approve)).rejects.toMatchObject({ code: 'link_invalid' });
    const others = linksWith('o'.repeat(32));
    await expect(others.decide(token, approve)).rejects.toMatchObject({ code: 'link_invalid' });
    expect(decisions).toEqual([]);
  });

  it('is neither made nor taken without a secret', async () => {
    const { token } = await linksWith(SECRET).make(wanted());
    await expect(linksWith(null).make(wanted())).rejects.toMatchObject({ code: 'links_disabled' });
    await expect(linksWith(null).decide(token, approve)).rejects.toMatchObject({ code: 'link_invalid' });
  });

  it("is made in another's name by an admin alone, and for who is asked", async () => {
    const links = linksWith(SECRET);
    await expect(links.make(wanted({ decider: 'bob' }))).rejects.toMatchObject({ code: 'forbidden' });
    const root = { name: 'root', role: 'admin' } as const;
    const { link } = await links.make(wanted({ decider: 'bob', issuer: root }));
    expect(link).toMatchObject({ decider: 'bob', issuer: 'root' });
    approval = asked({ assignees: ['cleo'] });
    await expect(links.make(wanted({ decider: 'bob', issuer: root }))).rejects.toMatchObject({ code: 'approval_forbidden' });
    approval = asked({ excluded: ['root'] });
    await expect(links.make(wanted({ decider: 'bob', issuer: root }))).rejects.toMatchObject({ code: 'approval_forbidden' });
    approval = asked({ role: 'admin' });
    await expect(links.make(wanted())).rejects.toMatchObject({ code: 'approval_forbidden' });
    await expect(links.make(wanted({ tenantId: 'other' }))).rejects.toMatchObject({ code: 'approval_not_found' });
  });
});
