import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AgentToolbox, LocalChatModel, shippedPatterns, type Passage } from '@baton/agents';
import {
  validateDefinition,
  type ChatReply,
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  type NodeHandler,
  type PassageHit,
  type PatternExpansion,
} from '@baton/core';
import { World, type Work } from '../../../test/support/in-memory/index.js';
import { AgentNode } from './agent-node.js';
import { AggregateNode } from './aggregate-node.js';
import { ConditionNode } from './condition-node.js';
import { HandoffNode } from './handoff-node.js';
import { RESEARCH_WORKFLOW, SEARCH_WORKFLOW } from './research-workflow.js';
import { RetrieveNode } from './retrieve-node.js';
import { TransformNode } from './transform-node.js';

const ROOM = { maxNodes: 10_000, maxEdges: 100_000, maxDepth: 1_000, maxBytes: 10_000_000, maxYamlBytes: 10_000_000 };
const PLENTY = { agents: 10_000, cpu: 10_000, memory: 1e15 };
const TOPICS = ['Leases', 'Locks', 'Epochs', 'Journals', 'Queues', 'Doorbells', 'Timers', 'Pools'];

/** Finds one passage for each topic that is asked about; all of them for a question that names none. */
function search(query: string, limit: number): PassageHit[] {
  const named = TOPICS.filter((topic) => query.includes(`(${topic})`));
  const topics = named.length === 0 ? TOPICS : named;
  return topics.slice(0, limit).map((title, index) => ({
    ...{ chunkId: `c-${title}`, documentId: `d-${title}`, title, score: 1 - index / 100, index: 0, source: null },
    text: `${title} keep a promise of Baton. ${title} hold while a worker lives.`,
  }));
}

/** Remembers what it is asked. */
class HearingModel extends LocalChatModel {
  readonly asked: ChatRequest[] = [];

  override complete(request: ChatRequest): Promise<ChatReply> {
    this.asked.push(request);
    return super.complete(request);
  }
}

let world: World;
let model: HearingModel;

beforeEach(() => {
  world = new World();
  model = new HearingModel();
});
afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

function handlers(): Record<string, Work> {
  const parts = { model, tools: new AgentToolbox(), agents: { findByName: () => Promise.resolve(null) } };
  const passages = {
    search: (_: string, { query, limit = 5 }: { query: string; limit?: number }) => Promise.resolve(search(query, limit)),
  };
  const nodes: NodeHandler[] = [
    ...[new AgentNode(parts), new HandoffNode(parts), new AggregateNode(), new ConditionNode(), new TransformNode()],
    new RetrieveNode(passages),
  ];
  return Object.fromEntries(nodes.map((node): [string, Work] => [node.type, (context) => node.execute(context)]));
}

/** Runs what a pattern expands to, and gives the run's output and the ids of the nodes that completed. */
async function run(
  { nodes, output }: PatternExpansion,
  others: Record<string, Work> = {},
): Promise<{ output: JsonObject; completed: string[]; skipped: string[] }> {
  const sketches = Object.fromEntries(nodes.map(({ id, ...node }) => [id, node]));
  const workflow = await world.publish('flow', sketches, { concurrency: 20, output });
  const worker = await world
    .worker('w1', { handlers: { ...handlers(), ...others }, options: { maxOutputBytes: 1_000_000 } })
    .start();
  worker.waker.start();
  const runId = await world.launch(workflow, { question: 'Which promise does Baton keep?' });
  await world.untilStatus(runId, 'completed');
  const story = world.journal(runId);
  const ids = (type: string): string[] => story.filter((event) => event.type === type).map(({ nodeId }) => nodeId!);
  const ended = await worker.runs.findRun(runId);
  return { output: ended!.output as JsonObject, completed: ids('node.completed'), skipped: ids('node.skipped') };
}

function expand(name: string, parameters: JsonObject): PatternExpansion {
  const pattern = shippedPatterns().find((one) => one.name === name)!;
  const outcome = pattern.expand(parameters);
  if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems));
  return outcome.expansion;
}

const askedAs = (role: string): ChatRequest[] =>
  model.asked.filter(({ messages }) => messages[0]!.content.includes(`\n${role}\n`));
const numbersOf = (citations: unknown): number[] => (citations as Passage[]).map(({ n }) => n);

describe.each(shippedPatterns())('the pattern $name', (pattern) => {
  test('is published from its example without a problem, and runs to its end', async () => {
    const source = { name: 'flow', orchestration_pattern: pattern.name, parameters: pattern.example };
    const context = { limits: ROOM, capacity: PLENTY, agents: new Set<string>(), nodeTypes: new Set<string>() };
    const { errors, warnings, definition } = validateDefinition(source, {
      ...context,
      patterns: new Map([[pattern.name, pattern]]),
    });
    expect([...errors, ...warnings]).toEqual([]);
    expect(definition).toMatchObject({ orchestration_pattern: pattern.name, coordination: { parameters: pattern.example } });
    const { output } = await run(expand(pattern.name, pattern.example));
    expect(output).toMatchObject({ answer: expect.stringMatching(/\w/) });
  });

  test('says which of its parameters are wrong', () => {
    expect(pattern.expand({ nonsense: true })).toEqual({
      problems: expect.arrayContaining([expect.objectContaining({ pointer: '' })]),
    });
  });
});

test('a supervisor that accepts has nothing done again; one that does not has it mended by what it said', async () => {
  const accepted = await run(expand('supervisor', { workers: 2, rounds: 3, evidence: { top_k: 2 } }));
  expect(accepted.completed).toEqual(expect.arrayContaining(['worker-1', 'worker-2', 'assess-1', 'synthesise']));
  expect(accepted.skipped.sort()).toEqual(
    ['assess-2', 'worker-1-round-2', 'worker-1-round-3', 'worker-2-round-2', 'worker-2-round-3'].sort(),
  );

  world = new World();
  model = new HearingModel();
  const instructions = '@answer {"accepted": false, "feedback": "Say more of leases."}';
  const expansion = expand('supervisor', { workers: 2, rounds: 2, evidence: { top_k: 2 } });
  for (const node of expansion.nodes) {
    if (node['id'] === 'assess-1') node['config'] = { ...(node['config'] as JsonObject), instructions };
  }
  const rejected = await run(expansion);
  expect(rejected.completed).toEqual(expect.arrayContaining(['worker-1-round-2', 'worker-2-round-2', 'result-1', 'synthesise']));
  const mended = askedAs('work')
    .map(({ messages }) => messages.at(-1)!.content)
    .filter((text) => text.includes('<review>'));
  expect(mended).toHaveLength(2);
  for (const text of mended) expect(text).toContain('Say more of leases.');
});

test('tiers share the work, cite one numbering, and the top sees what all found', async () => {
  const { output, completed } = await run(
    expand('hierarchical', { tiers: [{ agents: 8 }, { agents: 2 }, { agents: 1 }], evidence: { top_k: 3 } }),
  );
  expect(completed.filter((id) => id.startsWith('worker-'))).toHaveLength(8);
  expect(completed.filter((id) => id.startsWith('synthesis-'))).toEqual(expect.arrayContaining(['synthesis-1', 'synthesis-2']));
  // Worker i has the passages from 3 (i - 1) + 1 on.
  expect(numbersOf(output['citations'])).toEqual([1, 4, 7, 10, 13, 16, 19, 22]);
  expect(output).toMatchObject({ tier: 'final', question: 'Which promise does Baton keep?' });
  expect((output['answer'] as string).match(/Sources:/g)).toHaveLength(1);
});

test('a worker without a part is skipped, and one that fails leaves a gap', async () => {
  const expansion = expand('hierarchical', { tiers: [{ agents: 10 }, { agents: 1 }], evidence: { top_k: 2 } });
  const broken = expansion.nodes.find(({ id }) => id === 'worker-2')!;
  broken['config'] = { ...(broken['config'] as JsonObject), role: 'nobody' };
  const { output, skipped } = await run(expansion);
  expect(skipped).toEqual(expect.arrayContaining(['evidence-9', 'worker-9', 'evidence-10', 'worker-10']));
  expect(numbersOf(output['citations'])).toEqual([1, 5, 7, 9, 11, 13, 15]);
});

test('who hands over chooses the next one, who sees what was said; the rounds of handing are bounded', async () => {
  const agents = {
    triage: { instructions: '@call handoff {"to": "clerk", "note": "Find the order."}' },
    clerk: { instructions: '@call handoff {"to": "triage", "note": "Not mine."}\n@answer The clerk keeps it.' },
  };
  const { output } = await run(expand('handoff', { agents, first: 'triage', max_handoffs: 2 }));
  expect(output['path']).toEqual([
    { from: 'triage', to: 'clerk', note: 'Find the order.' },
    { from: 'clerk', to: 'triage', note: 'Not mine.' },
  ]);
  expect(output).toMatchObject({ agent: 'triage' });
  expect(model.asked.at(-1)!.tools).toBeUndefined();
  expect(model.asked.at(-1)!.messages.at(-1)!.content).toContain('clerk handed over to triage: Not mine.');
});

test('a handoff to nobody is corrected, not followed', async () => {
  const agents = {
    triage: { instructions: '@call handoff {"to": "ghost", "note": "?"}\n@call handoff {"to": "clerk", "note": "!"}' },
    clerk: { instructions: '@answer Done.' },
  };
  const { output } = await run(expand('handoff', { agents, first: 'triage' }));
  expect(output).toMatchObject({ agent: 'clerk', answer: 'Done.', path: [{ to: 'clerk', note: '!' }] });
});

test('a swarm ends when enough agree, all having read what all wrote', async () => {
  const { completed, skipped } = await run(
    expand('swarm', { agents: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], rounds: 4, evidence: { top_k: 3 } }),
  );
  expect(completed).toEqual(
    expect.arrayContaining(['a-round-1', 'vote-1', 'a-round-2', 'b-round-2', 'c-round-2', 'vote-2', 'conclude']),
  );
  expect(skipped).toEqual(expect.arrayContaining(['a-round-3', 'board-3', 'vote-3', 'a-round-4', 'board-4']));
  expect(skipped).toHaveLength(9);
  const second = askedAs('discuss').at(-1)!.messages.at(-1)!.content;
  expect(second.match(/Leases keep a promise of Baton/g)!.length).toBeGreaterThanOrEqual(3);
});

test('those who never agree stop at the last round', async () => {
  const stubborn = (name: string): JsonObject => ({ name, instructions: `@answer {"answer": "${name}!", "agree": false}` });
  const { completed, output } = await run(expand('swarm', { agents: [stubborn('a'), stubborn('b')], rounds: 2, quorum: 2 }));
  expect(completed).toEqual(expect.arrayContaining(['a-round-2', 'b-round-2', 'conclude']));
  expect(output).toMatchObject({ answer: expect.stringContaining('a!') });
});

test('a peer hears its neighbours, and nobody else', async () => {
  const says = (name: string): JsonObject => ({ name, instructions: `@answer {"answer": "${name} speaks.", "agree": false}` });
  const agents = ['north', 'east', 'south'].map(says);
  await run(
    expand('network', {
      agents,
      links: [
        ['north', 'east'],
        ['east', 'south'],
      ],
      rounds: 2,
    }),
  );
  const heardBy = (name: string): string =>
    askedAs('discuss')
      .findLast(({ messages }) => messages[0]!.content.includes(`${name} speaks.`))!
      .messages.at(-1)!.content;
  expect(heardBy('north')).toContain('east speaks.');
  expect(heardBy('north')).not.toContain('south speaks.');
  expect(heardBy('east')).toContain('south speaks.');
});

test.each([
  [RESEARCH_WORKFLOW, { workers: 8, syntheses: 2 }],
  [SEARCH_WORKFLOW, { workers: 5, syntheses: 0 }],
])('the workflow $name answers with citations, says what each agent did, and keeps a report', async (workflow, expected) => {
  const nodes = structuredClone(workflow.nodes) as unknown as PatternExpansion['nodes'];
  const broken = nodes.find(({ id }) => id === 'worker-2')!;
  broken['config'] = { ...(broken['config'] as JsonObject), role: 'nobody' };
  const skipped = nodes.find(({ id }) => id === 'worker-3')!;
  skipped['when'] = 'false';
  const reported: JsonValue[] = [];
  const report: Work = (context) => {
    reported.push(context.evaluate(context.config['from'] as string));
    return Promise.resolve(null);
  };
  const { output } = await run({ nodes, output: workflow.output! }, { report });
  expect(output).toMatchObject({ title: 'Which promise does Baton keep?', final_synthesis: output['answer'] });
  expect(numbersOf(output['citations']).length).toBeGreaterThanOrEqual(expected.workers - 2);
  expect((output['synthesis_results'] as JsonObject[]).map(({ title }) => title)).toEqual(
    Array.from({ length: expected.syntheses }, (_, index) => `Synthesis ${index + 1}`),
  );
  const results = output['agent_results'] as JsonObject[];
  expect(results.map(({ agent_id: id, status }) => [id, status])).toEqual(
    Array.from({ length: expected.workers }, (_, index) => [
      `worker-${index + 1}`,
      index === 1 ? 'failed' : 'completed',
    ]).toSpliced(2, 1),
  );
  expect(results[0]).toMatchObject({
    title: expect.stringContaining('(Leases)'),
    content: expect.stringMatching(/\[1\]/),
    error: null,
  });
  expect(results[1]).toMatchObject({ content: null, error: { code: 'workflow_invalid' } });
  expect(reported).toEqual([output]);
});
