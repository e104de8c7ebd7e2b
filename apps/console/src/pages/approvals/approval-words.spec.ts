import { describe, expect, test } from '@jest/globals';
import {
  askedText,
  byDeadline,
  outcomeOf,
  questionOf,
  quorumText,
  refusalText,
  urgencyOf,
  type Approval,
} from './approval-words.js';

const count = (given: number, needed: number) => ({ given, needed });

describe('an approval in words', () => {
  test('says how far several deciders are', () => {
    expect(quorumText({ approvals: count(0, 1), rejections: count(0, 1) })).toBeNull();
    expect(quorumText({ approvals: count(1, 2), rejections: count(0, 1) })).toBe('1 of 2 approvals');
    expect(quorumText({ approvals: count(1, 2), rejections: count(1, 2) })).toBe('1 of 2 approvals, 1 of 2 rejections');
  });

  test('says what is asked, not that it waits', () => {
    expect(questionOf({ title: 'waiting for approval: Publish?' })).toBe('Publish?');
    expect(questionOf({ title: 'Grant more' })).toBe('Grant more');
  });

  test('says how it ended', () => {
    const outcome = (status: 'open' | 'decided' | 'closed', decision: 'approve' | 'reject' | null) =>
      outcomeOf({ status, decision });
    expect([outcome('decided', 'approve'), outcome('decided', 'reject')]).toEqual(['approved', 'rejected']);
    expect([outcome('open', null), outcome('closed', null)]).toEqual(['open', 'not decided']);
  });

  test('says who is asked', () => {
    expect(askedText({ role: 'operator', assignees: [], excluded: [] })).toBe('Anyone who is at least operator');
    expect(askedText({ role: 'admin', assignees: [], excluded: ['ada'] })).toBe('Anyone who is an admin, but not ada');
    expect(askedText({ role: 'operator', assignees: ['ada', 'bob'], excluded: [] })).toBe('ada, bob');
  });

  test('says how pressing it is', () => {
    const now = Date.parse('2026-01-01T12:00:00Z');
    const instants = [null, '2026-01-01T11:59:59Z', '2026-01-01T12:30:00Z', '2026-01-02T12:00:00Z'];
    expect(instants.map((due) => urgencyOf(due, now))).toEqual([null, 'past', 'soon', 'later']);
  });

  test('what is due first comes first', () => {
    const approval = (id: string, requested_at: string, due_at: string | null) => ({ id, requested_at, due_at }) as Approval;
    const sorted = [
      ...[approval('none', '2026-01-02', null), approval('old', '2026-01-01', null)],
      ...[approval('late', '2026-01-03', '2026-02-02'), approval('first', '2026-01-03', '2026-02-01')],
    ].toSorted(byDeadline);
    expect(sorted.map(({ id }) => id)).toEqual(['first', 'late', 'old', 'none']);
  });
});

test('a refusal is said to a person', () => {
  const said = (code: string, approval?: object) => refusalText({ code, detail: 'The role admin decides.', approval });
  expect(said('approval_closed', { decision: 'reject', decided_by: 'ada' })).toBe('Somebody was faster: rejected by ada.');
  expect(said('approval_closed', { decision: null })).toContain('its run has ended');
  expect(said('already_voted')).toContain('Others must decide');
  expect(said('approval_forbidden')).toBe('It is not yours to decide. The role admin decides.');
  expect(said('storage_unavailable')).toBe('The role admin decides.');
});
