import { expect, test } from '@jest/globals';
import { AgentSpecSchema, SystemClock, type Agent, type JsonValue, type Worker } from '@baton/core';
import { World } from '../../../test/support/in-memory/index.js';
import { WorkflowPublisher } from './publish-workflow.js';

const ids = { id: 'a', tenantId: 'default', createdAt: 1, updatedAt: 1 };
const KEPT: Agent = { ...AgentSpecSchema.parse({ name: 'pilot', role: 'draft', tools: ['fly', 'search'] }), ...ids };

const FLOW: JsonValue = {
  name: 'flow',
  nodes: [
    { id: 'a', type: 'agent', config: { role: 'draft', tools: ['search', 'swim'] } },
    { id: 'b', type: 'agent', config: { agent: 'pilot' } },
  ],
};

/** What is warned of where these workers live, each with its tools. */
async function warnings(...workers: (string[] | null)[]): Promise<string[]> {
  const live = workers.map((agentTools) => ({ live: true, nodeTypes: ['agent'], pools: [], agentTools }) as unknown as Worker);
  const report = await publisherOf(live).validate('default', { format: 'json', json: FLOW });
  expect(report.errors).toEqual([]);
  return report.warnings.map(({ pointer, code }) => `${pointer} ${code}`);
}

function publisherOf(live: readonly Worker[]): WorkflowPublisher {
  const ended = { live: false, nodeTypes: [], pools: [], agentTools: ['swim', 'fly'] } as unknown as Worker;
  return new WorkflowPublisher(
    {
      workflows: new World().worker('w1', { handlers: {} }).workflows,
      agents: { findByName: (_, name) => Promise.resolve(name === 'pilot' ? KEPT : null) },
      registry: { list: () => Promise.resolve([...live, ended]) },
      clock: new SystemClock(),
    },
    {
      limits: { maxBytes: 1e6, maxYamlBytes: 1e6, maxNodes: 10, maxEdges: 10, maxDepth: 10 },
      capacity: { agents: 10, cpu: 10, memory: 1e9 },
    },
  );
}

test('an error calls the workflow as its author does, also where it is no definition', async () => {
  const publish = (json: JsonValue) => publisherOf([]).publish('default', { format: 'json', json });
  await expect(publish({ name: 'flow', nodes: 1 })).rejects.toThrow('Workflow `flow`: ');
  await expect(publish(['flow'])).rejects.toThrow('Workflow `unnamed`: ');
});

test('tools that no live worker has are told, of nodes and of kept agents', async () => {
  expect(await warnings(['search'], [])).toEqual(['/nodes/0/config/tools/1 unknown_tool', '/nodes/1/config/agent unknown_tool']);
  expect(await warnings(['search', 'swim'], ['fly'])).toEqual([]);
});

test('nothing is told of tools where nobody runs, or a worker does not say what it has', async () => {
  expect(await warnings()).toEqual([]);
  expect(await warnings(['search'], null)).toEqual([]);
});
