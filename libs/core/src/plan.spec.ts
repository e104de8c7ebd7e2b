import { describe, expect, it } from '@jest/globals';
import { BatonError, type Problem } from './errors.js';
import { compilePlan } from './plan.js';
import { definitionDigest, WorkflowDefinitionSchema, type WorkflowDefinition } from './workflow-definition.js';

type Sketch = Record<string, string[]>;

/** A workflow of these nodes, each with the ids that it depends on. */
const define = (nodes: Sketch | [string, string[]][], more: object = {}): WorkflowDefinition => {
  const list = (Array.isArray(nodes) ? nodes : Object.entries(nodes)).map(([id, depends_on]) => ({
    id,
    type: 'work',
    depends_on,
  }));
  return WorkflowDefinitionSchema.parse({ name: 'flow', nodes: list, ...more });
};

function problemsOf(definition: WorkflowDefinition): Problem[] {
  try {
    compilePlan(definition);
  } catch (error) {
    if (error instanceof BatonError && error.code === 'workflow_invalid') return [...(error.options.problems ?? [])];
    throw error;
  }
  return [];
}

describe('compilePlan', () => {
  it('has whole milliseconds, whatever share of a second is written', () => {
    const node = { id: 'a', type: 'work', timeout: 1.0005, total_timeout: 2.0005 };
    const more = { timeout: 3.0005, circuit_breaker: { timeout: 0.0001 } };
    const { nodes, timeoutMs, circuit } = compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', nodes: [node], ...more }));
    expect(nodes[0]).toMatchObject({ timeoutMs: 1_001, totalTimeoutMs: 2_001 });
    expect([timeoutMs, circuit.openMs]).toEqual([3_001, 1]);
  });

  it('gives edges by index, both ways, and roots', () => {
    const plan = compilePlan(define({ a: [], b: ['a'], c: ['a', 'b'], d: [] }));
    expect(plan.nodes.map(({ dependsOn }) => dependsOn)).toEqual([[], [0], [0, 1], []]);
    expect(plan.nodes.map(({ dependents }) => dependents)).toEqual([[1, 2], [2], [], []]);
    expect(plan.roots).toEqual([0, 3]);
    expect([...plan.indexById]).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 3],
    ]);
  });

  it('carries what the definition says, with its defaults', () => {
    const definition = WorkflowDefinitionSchema.parse({
      name: 'flow',
      concurrency: 3,
      nodes: [
        { id: 'a', type: 'work', config: { k: 1 }, timeout: 1.5, retry: { max_attempts: 1 } },
        { id: 'b', type: 'work' },
      ],
    });
    const plan = compilePlan(definition);
    expect(plan).toMatchObject({ concurrency: 3, digest: definitionDigest(definition) });
    expect(plan.nodes[0]).toMatchObject({
      id: 'a',
      type: 'work',
      config: { k: 1 },
      timeoutMs: 1_500,
      retry: { max_attempts: 1 },
    });
    expect(plan.nodes[1]).toMatchObject({
      ...{ timeoutMs: null, config: {} },
      retry: { max_attempts: 3, backoff: 'exponential', initial_ms: 1_000, max_ms: 60_000, jitter: 0.2 },
    });
    expect(compilePlan(definition, 'given').digest).toBe('given');
  });

  it('takes the only sink, all sinks, or the node named for the output', () => {
    expect(compilePlan(define({ a: [], b: ['a'] })).outputs).toEqual([1]);
    expect(compilePlan(define({ a: [], b: ['a'], c: ['a'] })).outputs).toEqual([1, 2]);
    expect(compilePlan(define({ a: [], b: ['a'] }, { output: 'a' })).outputs).toEqual([0]);
  });

  it('takes a dependency that is named twice once', () => {
    expect(compilePlan(define({ a: [], b: ['a', 'a'] })).nodes[1]!.dependsOn).toEqual([0]);
  });

  it('names the nodes of a cycle, one by one', () => {
    const [problem, behind, ...others] = problemsOf(define({ start: [], a: ['start', 'c'], b: ['a'], c: ['b'], after: ['c'] }));
    expect(behind).toMatchObject({ code: 'unreachable', pointer: '/nodes/4' });
    expect(others).toEqual([]);
    expect(problem!.message).toMatch(/^cycle: /);
    const names = problem!.message.slice('cycle: '.length).split(' -> ');
    expect(names).toHaveLength(4);
    expect(names[0]).toBe(names[3]);
    expect([...new Set(names)].sort()).toEqual(['a', 'b', 'c']);
    expect(problem!.pointer).toMatch(/^\/nodes\/[123]\/depends_on$/);
  });

  it('walks a cycle in the direction of the work', () => {
    const names = problemsOf(define({ a: ['c'], b: ['a'], c: ['b'] }))[0]!.message;
    expect(
      ['cycle: a -> b -> c -> a', 'cycle: b -> c -> a -> b', 'cycle: c -> a -> b -> c'].some((walk) => names.startsWith(walk)),
    ).toBe(true);
  });

  it('names a node that depends on itself', () => {
    expect(problemsOf(define({ a: ['a'] }))).toMatchObject([{ pointer: '/nodes/0/depends_on', message: 'cycle: a -> a' }]);
  });

  it('tells every problem at once, each with its place', () => {
    const definition = define(
      [
        ['a', []],
        ['a', ['none']],
        ['b', ['a', 'nor-this']],
      ],
      { output: 'missing' },
    );
    expect(problemsOf(definition)).toMatchObject([
      { pointer: '/nodes/1/id', message: 'the id `a` is used twice' },
      { pointer: '/nodes/1/depends_on/0', message: 'no node has the id `none`' },
      { pointer: '/nodes/2/depends_on/1', message: 'no node has the id `nor-this`' },
      { pointer: '/output', message: 'no node has the id `missing`' },
    ]);
  });

  it('compiles ten times as many nodes in about ten times the time', () => {
    const layered = (size: number): [string, string[]][] => {
      const width = Math.round(Math.sqrt(size));
      return Array.from({ length: size }, (_, n) => [
        `n${n}`,
        n < width ? [] : [1, 7, 13].map((k) => `n${(Math.floor(n / width) - 1) * width + ((n * k) % width)}`),
      ]);
    };
    const [small, large] = [define(layered(1_000)), define(layered(10_000))];
    const tookMs = (definition: WorkflowDefinition): number => {
      const started = performance.now();
      compilePlan(definition, 'digest');
      return performance.now() - started;
    };
    const ratios = Array.from({ length: 7 }, () => tookMs(large) / tookMs(small));
    // The best of several, each in turn with its measure: what else the machine does is not measured. Squares would be a hundred times.
    expect(Math.min(...ratios)).toBeLessThan(40);
  });

  it('compiles ten thousand nodes in a chain', () => {
    const nodes = Array.from({ length: 10_000 }, (_, n): [string, string[]] => [`n${n}`, n === 0 ? [] : [`n${n - 1}`]]);
    expect(compilePlan(define(nodes)).outputs).toEqual([9_999]);
  });
});
