import { expect, test } from '@jest/globals';
import { WorkflowDefinitionSchema, type WorkflowDefinition } from '@baton/core';
import { MemoryWorkflowStore, World } from '../../../test/support/in-memory/index.js';
import { shipWorkflow } from './ship-workflow.js';

const definition = (description: string): WorkflowDefinition =>
  WorkflowDefinitionSchema.parse({ name: 'shipped', description, nodes: [{ id: 'a', type: 'echo' }] });

test('ships a definition once, and leaves what others made of it', async () => {
  const workflows = new MemoryWorkflowStore(new World().db);
  const newest = async () => (await workflows.findByName('t', 'shipped'))!;
  await shipWorkflow(workflows, 't', definition('first'), 1);
  await shipWorkflow(workflows, 't', definition('first'), 2);
  expect(await newest()).toMatchObject({ version: 1 });

  await workflows.publish('t', definition('ours'), 3);
  await shipWorkflow(workflows, 't', definition('first'), 4);
  expect(await newest()).toMatchObject({ version: 2, definition: { description: 'ours' } });

  await shipWorkflow(workflows, 't', definition('second'), 5);
  expect(await newest()).toMatchObject({ version: 3, definition: { description: 'second' } });
});

test('leaves an archived workflow archived', async () => {
  const workflows = new MemoryWorkflowStore(new World().db);
  await shipWorkflow(workflows, 't', definition('first'), 1);
  const { id } = (await workflows.find('t', 'shipped'))!;
  await workflows.archive('t', id, 2);
  await shipWorkflow(workflows, 't', definition('first'), 3);
  expect(await workflows.list('t', { limit: 10 })).toEqual([]);
});
