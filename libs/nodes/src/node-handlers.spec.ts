import { expect, test } from '@jest/globals';
import { compilePlan, WorkflowDefinitionSchema } from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { ANSWER_WORKFLOW, EchoNode, NodeHandlers } from './index.js';

test('handlers are found by the type that they execute', () => {
  const echo = new EchoNode();
  const handlers = new NodeHandlers([echo]);
  expect([...handlers]).toEqual([['echo', echo]]);
});

test('two handlers of one type are an error that names it', () => {
  expect(() => new NodeHandlers([new EchoNode(), new EchoNode()])).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining('EchoNode and EchoNode') }),
  );
});

test('echo returns its config, else the input of the run', async () => {
  const echo = new EchoNode();
  expect(await echo.execute(nodeContext({ config: { i: 3 }, input: 'in' }))).toEqual({ i: 3 });
  expect(await echo.execute(nodeContext({ input: 'in' }))).toBe('in');
});

test('echo takes the time that it is told to, and wakes up to stop', async () => {
  const echo = new EchoNode();
  expect(await echo.execute(nodeContext({ config: { delay_ms: 1, i: 3 } }))).toEqual({ i: 3 });
  const abortion = new AbortController();
  const slow = echo.execute(nodeContext({ config: { delay_ms: 3_600_000 }, signal: abortion.signal }));
  abortion.abort();
  await expect(slow).rejects.toMatchObject({ name: 'AbortError' });
});

test('the built-in workflow is valid and ends with the final answer', () => {
  expect(WorkflowDefinitionSchema.parse(ANSWER_WORKFLOW)).toEqual(ANSWER_WORKFLOW);
  const plan = compilePlan(ANSWER_WORKFLOW);
  expect(plan.nodes.map(({ id, type }) => `${id}: ${type}`)).toEqual([
    'retrieve: retrieve',
    'draft: agent',
    'review: agent',
    'synthesise: agent',
  ]);
  expect(plan.outputs).toEqual([3]);
});
