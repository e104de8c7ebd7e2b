import { describe, expect, it } from '@jest/globals';
import { diffDefinitions } from './definition-diff.js';
import { patchError } from './patch-error.js';
import { policyProblems, type PatchPolicy } from './patch-policy.js';
import { WorkflowDefinitionSchema, type WorkflowDefinition } from './workflow-definition.js';

const POLICY: PatchPolicy = { maxAgents: 2, maxNodes: 3, nodeTypes: new Set() };
const AGENT = { type: 'agent', config: { role: 'draft' } };

const define = (nodes: object[], more: object = {}): WorkflowDefinition =>
  WorkflowDefinitionSchema.parse({
    name: 'flow',
    ...more,
    nodes: nodes.map((node, n) => ({ id: `n${n}`, type: 'echo', ...node })),
  });

function problems(before: WorkflowDefinition, after: WorkflowDefinition, change: Partial<PatchPolicy> = {}, original = before) {
  return policyProblems({ original, after, diff: diffDefinitions(before, after) }, { ...POLICY, ...change });
}

describe('what a run may add to itself', () => {
  it('are so many agents over all its patches, counted against what was submitted', () => {
    const original = define([AGENT]);
    const patched = define([AGENT, AGENT, AGENT]);
    expect(problems(patched, patched, {}, original)).toEqual([]);
    expect(problems(patched, define([AGENT, AGENT, AGENT, AGENT]), {}, original)).toEqual([
      {
        ...{ pointer: '/nodes/3', code: 'limit_exceeded' },
        message: 'with this patch the run would have added 3 agents to itself; 2 are allowed over all its patches',
        remedy: expect.stringContaining('Add no more agents'),
      },
    ]);
  });

  it('are agents also as bodies, as undoings, and as nodes that become agents', () => {
    const original = define([{}]);
    const body = { type: 'map', config: { items: 'input', body: { type: 'loop', config: { body: { type: 'agent' } } } } };
    const undone = { compensate: { type: 'agent' } };
    expect(problems(original, define([{}, body, undone]))).toEqual([]);
    expect(problems(original, define([AGENT, body, undone]))).toMatchObject([{ pointer: '/nodes/2', code: 'limit_exceeded' }]);
  });

  it('are as many agents as the definition itself says', () => {
    const limits = { limits: { agents_added: 0 } };
    expect(problems(define([{}], limits), define([{}, AGENT], limits))).toMatchObject([
      { message: expect.stringContaining('1 agent to itself; 0 are allowed') },
    ]);
  });

  it('are so many nodes', () => {
    expect(problems(define([{}]), define([{}, {}, {}, {}]))).toEqual([]);
    expect(problems(define([{}]), define([{}, {}, {}, {}, {}]))).toMatchObject([{ pointer: '/nodes/4', code: 'limit_exceeded' }]);
  });

  it('are nodes of the types that are allowed; what was there stays', () => {
    const nodeTypes = new Set(['echo']);
    const before = define([{ type: 'http' }, {}]);
    expect(problems(before, define([{ type: 'http' }, {}, {}]), { nodeTypes })).toEqual([]);
    const after = define([{ type: 'http', config: { url: 'x' } }, {}, { type: 'map', config: { body: { type: 'http' } } }]);
    expect(problems(before, after, { nodeTypes })).toMatchObject([
      { pointer: '/nodes/0', code: 'type_not_allowed' },
      { pointer: '/nodes/2', message: expect.stringContaining('`map`') },
      { pointer: '/nodes/2', message: expect.stringContaining('`http`') },
    ]);
  });

  it('are only fields that nobody relies on', () => {
    const after = define([{}], { concurrency: 3, output: 'n0', description: 'x', timeout: 9, circuit_breaker: {} });
    expect(problems(define([{}]), after).map(({ pointer }) => pointer)).toEqual(['/timeout', '/circuit_breaker']);
  });
});

it.each([
  [['node_started'], 'patch_refused'],
  [['limit_exceeded', 'limit_exceeded'], 'limit_exceeded'],
  [['limit_exceeded', 'cycle'], 'patch_invalid'],
  [['node_started', 'cycle'], 'patch_invalid'],
])('problems of %j are one error, %s, whose detail says what to do', (codes, code) => {
  const error = patchError(
    'r',
    codes.map((one) => ({ pointer: '/nodes/1', code: one, message: 'it is wrong', remedy: 'Mend it.' })),
  );
  expect(error).toMatchObject({ code, message: expect.stringMatching(/\/nodes\/1: it is wrong\. Mend it\.$/) });
});
