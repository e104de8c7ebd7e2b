import { describe, expect, it } from '@jest/globals';
import { openedApproval, type Approval, type ApprovalDecision } from './approval.js';
import { USUAL_ASK, type ApprovalAsk } from './approval-terms.js';
import { ruleOnVote } from './approval-vote.js';
import { rolesWithin } from './role.js';

const opening = (ask: Partial<ApprovalAsk> = {}) => ({
  ...({ kind: 'opened', nodeId: 'a', visit: 1, title: 'Ship it?', at: 100 } as const),
  ask: { ...USUAL_ASK, due_at: 900, ...ask },
});
const asked = (ask: Partial<ApprovalAsk> = {}): Approval => openedApproval({ id: 'run-1', tenantId: 't' }, opening(ask));

let tokens = 0;
function vote(by: string, more: Partial<ApprovalDecision> = {}): ApprovalDecision {
  tokens += 1;
  return {
    ...{ runId: 'run-1', nodeId: 'a', visit: 1, decision: 'approve', by, roles: rolesWithin('operator') },
    ...{ token: `t${tokens}`, link: null, comment: null, payload: null, at: 200, ...more },
  };
}

/** What comes of each vote in turn, and the approval after the last. */
function cast(
  start: Approval,
  ...votes: ApprovalDecision[]
): { said: string[]; last: ReturnType<typeof ruleOnVote>; approval: Approval } {
  let approval = start;
  let last: ReturnType<typeof ruleOnVote> | undefined;
  const said = votes.map((one) => {
    last = ruleOnVote(approval, one, false);
    approval = last.after ?? approval;
    return last.outcome.kind === 'refused' ? last.outcome.reason : last.outcome.kind;
  });
  return { said, last: last!, approval };
}

describe('a vote', () => {
  it('decides what one person decides, once, and before the deadline', () => {
    const first = vote('ann', { comment: 'fine', at: 899 });
    const { last, approval } = cast(asked(), first);
    expect(approval).toMatchObject({ status: 'decided', decision: 'approve', decidedBy: 'ann', decidedAt: 899, comment: 'fine' });
    expect(last.told).toEqual({ node_id: 'a', visit: 1, decision: 'approve', by: 'ann', comment: 'fine', payload: null });
    expect(cast(approval, first, vote('bob')).said).toEqual(['decided', 'closed']);
    expect(cast(asked(), vote('ann', { at: 900 })).said).toEqual(['closed']);
    expect(ruleOnVote(asked(), vote('ann'), true).outcome).toMatchObject({ kind: 'refused', reason: 'closed' });
  });

  it('counts from who is asked alone', () => {
    const admins = asked({ role: 'admin' });
    expect(cast(admins, vote('ann'), vote('bob', { roles: rolesWithin('admin') })).said).toEqual(['role', 'decided']);
    const named = asked({ assignees: ['ann', 'bob'], excluded: ['bob'] });
    expect(cast(named, vote('cleo'), vote('bob'), vote('ann')).said).toEqual(['assignee', 'excluded', 'decided']);
  });

  it('counts once a person, until so many agree', () => {
    const { said, approval, last } = cast(asked({ approvals: 2 }), vote('ann'), vote('ann'), vote('bob'));
    expect(said).toEqual(['voted', 'voted', 'decided']);
    expect(approval.votes.map(({ by }) => by)).toEqual(['ann', 'bob']);
    expect(last.told).toMatchObject({ by: 'bob', votes: [{ by: 'ann' }, { by: 'bob' }] });
  });

  it('of a second time is refused, and one that is sent again is known', () => {
    const first = vote('ann');
    const { approval } = cast(asked({ approvals: 2 }), first);
    expect(ruleOnVote(approval, first, false)).toEqual({ outcome: { kind: 'voted', approval } });
    expect(ruleOnVote(approval, vote('ann'), false).outcome).toMatchObject({ kind: 'refused', reason: 'voted' });
  });

  it('rejects alone, or with so many others', () => {
    const reject = { decision: 'reject' } as const;
    expect(cast(asked({ approvals: 3 }), vote('ann'), vote('bob', reject)).approval).toMatchObject({ decision: 'reject' });
    const { said, approval } = cast(asked({ rejections: 2 }), vote('ann', reject), vote('bob', { ...reject, payload: 'no' }));
    expect([said, approval.decision]).toEqual([['voted', 'decided'], 'reject']);
  });

  it('may change what is approved, for all who approve after it', () => {
    const two = asked({ approvals: 2, proposal: { sum: 5 } });
    const edited = vote('bob', { payload: { sum: 4 } });
    const { said, approval, last } = cast(two, vote('ann'), edited, vote('ann', { payload: { sum: 4 } }));
    expect(said).toEqual(['voted', 'voted', 'decided']);
    expect(approval.votes.map(({ by, superseded = false }) => [by, superseded])).toEqual([
      ['ann', true],
      ['bob', false],
      ['ann', false],
    ]);
    expect(last.told).toMatchObject({ payload: { sum: 4 } });
    expect(cast(asked({ proposal: { sum: 5 } }), vote('ann')).last.told).toMatchObject({ payload: { sum: 5 } });
  });

  it('by a link counts once, and not from who may not decide', () => {
    const link = { id: 'l1', issuedBy: 'root' };
    const { said } = cast(asked({ approvals: 3 }), vote('ann', { link }), vote('bob', { link }));
    expect(said).toEqual(['voted', 'link_used']);
    expect(cast(asked({ excluded: ['root'] }), vote('ann', { link })).said).toEqual(['excluded']);
  });
});

describe('an escalation', () => {
  it('asks others, and keeps what was said and proposed', () => {
    const { approval } = cast(asked({ approvals: 2, proposal: 1, escalates_at: 300 }), vote('ann'));
    const after = openedApproval(
      { id: 'run-1', tenantId: 't' },
      opening({ approvals: 2, role: 'admin', escalation: 1 }),
      approval,
    );
    expect(after).toMatchObject({ role: 'admin', escalatesAt: null, requestedAt: 100, proposal: 1, votes: [{ by: 'ann' }] });
    expect(cast(after, vote('bob'), vote('cleo', { roles: rolesWithin('admin') })).said).toEqual(['role', 'decided']);
  });

  it('leaves alone what was decided meanwhile', () => {
    const { approval } = cast(asked({ escalates_at: 300 }), vote('ann'));
    expect(openedApproval({ id: 'run-1', tenantId: 't' }, opening({ escalation: 1 }), approval)).toBe(approval);
  });
});
