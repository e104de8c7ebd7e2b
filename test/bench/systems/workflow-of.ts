import { Chance } from '../../support/in-memory/chance.js';
import { layeredGraph } from '../../support/layered-graph.js';
import type { RunShape } from '../bench-client.js';

const AGENT = { type: 'agent', config: { role: 'answer', instructions: 'Answer the question.' } };

/** The definition of a workflow of echo nodes, or agents; a fan has one node more, which joins the others. */
export function definitionOf(name: string, steps: number, shape: RunShape): object {
  const nodes = { chain, effects, layers, fan, agents, 'agent-fan': agentFan }[shape](steps);
  return { name, nodes, ...(shape.endsWith('fan') && { concurrency: steps }) };
}

function layers(count: number): object[] {
  return layeredGraph(count, new Chance(count).next).map((node) => ({ ...node, type: 'echo' }));
}

/** One after the other. */
function chain(steps: number): object[] {
  return Array.from({ length: steps }, (_, index) => ({
    id: `step-${index + 1}`,
    type: 'echo',
    depends_on: index === 0 ? [] : [`step-${index}`],
    config: { i: index + 1 },
  }));
}

function effects(steps: number): object[] {
  return chain(steps).map((node) => ({ ...node, type: 'effect', config: {} }));
}

function agents(steps: number): object[] {
  return chain(steps).map((node) => ({ ...node, ...AGENT }));
}

function agentFan(steps: number): object[] {
  return fan(steps).map((node, index) => (index < steps ? { ...node, ...AGENT } : node));
}

/** All at once. */
function fan(steps: number): object[] {
  const parallel = Array.from({ length: steps }, (_, index) => ({
    id: `step-${index + 1}`,
    type: 'echo',
    config: { i: index + 1 },
  }));
  return [...parallel, { id: 'join', type: 'echo', depends_on: parallel.map(({ id }) => id), config: { i: steps + 1 } }];
}
