import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { definitionError } from './definition-problem.js';
import { validateDefinition, type ValidationContext } from './definition-validation.js';
import type { JsonObject, JsonValue } from './json.js';
import { compilePlan } from './plan.js';

const EXAMPLE = parse(
  readFileSync(new URL('../../../test/fixtures/workflows/multi-agent-research.yaml', import.meta.url), 'utf8'),
) as { workflow: JsonObject };

const context = (more: Partial<ValidationContext> = {}): ValidationContext => ({
  limits: { maxBytes: 1_000_000, maxYamlBytes: 1_000_000, maxNodes: 100, maxEdges: 200, maxDepth: 20 },
  capacity: { agents: 10, cpu: 100, memory: 1e12 },
  agents: new Set(['drafter']),
  nodeTypes: new Set(['agent', 'aggregate', 'echo']),
  ...more,
});

const flow = (nodes: JsonValue[], more: JsonObject = {}): JsonObject => ({ name: 'flow', nodes, ...more });

/** `pointer code` of each error. */
const errorsOf = (source: JsonValue, more: Partial<ValidationContext> = {}): string[] =>
  validateDefinition(source, context(more)).errors.map(({ pointer, code }) => `${pointer} ${code}`);

const statusOf = (source: JsonValue): string => definitionError('flow', validateDefinition(source, context()).errors).code;

describe('the validation of a definition', () => {
  it('reports its graph and its resources', () => {
    const { errors, warnings, graph, resources } = validateDefinition(
      flow([
        { id: 'a', type: 'echo', estimate: 4 },
        { id: 'b', type: 'agent', depends_on: ['a'], config: { agent: 'drafter' } },
        { id: 'c', type: 'agent', depends_on: ['a'], config: { role: 'draft' }, estimate: 2 },
        { id: 'd', type: 'echo', depends_on: ['b', 'c'], when: 'nodes.b.output.ok', input: { x: '${{ nodes.a.output }}' } },
      ]),
      context(),
    );
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(graph).toEqual({
      ...{ nodes: 4, edges: 4, depth: 3, width: 2, levels: [['a'], ['b', 'c'], ['d']] },
      ...{ critical_path: ['a', 'b', 'd'], critical_path_seconds: 35 },
      durations: {
        a: { seconds: 4, source: 'declared' },
        b: { seconds: 30, source: 'assumed' },
        c: { seconds: 2, source: 'declared' },
        d: { seconds: 1, source: 'assumed' },
      },
    });
    expect(resources).toMatchObject({
      agents: { total: 2, by_type: { agent: 2 } },
      ...{ max_parallelism: 2, max_parallel_agents: 2, estimated_duration_seconds: 35 },
    });
  });

  it('estimates by what was measured where nothing is declared', () => {
    const measured = new Map([
      ['echo/a', 100],
      ['echo/b', 7],
      ['wait/c', 50],
    ]);
    const nodes: JsonValue[] = [
      { id: 'a', type: 'echo', estimate: 4 },
      { id: 'b', type: 'echo', depends_on: ['a'] },
      { id: 'c', type: 'echo', depends_on: ['b'] },
    ];
    const { graph, resources } = validateDefinition(flow(nodes), context({ measured }));
    expect(graph).toMatchObject({
      critical_path_seconds: 12,
      durations: { a: { source: 'declared' }, b: { seconds: 7, source: 'measured' }, c: { seconds: 1, source: 'assumed' } },
    });
    expect(resources?.estimated_duration_seconds).toBe(12);
  });

  it.each<[string, JsonValue, string[]]>([
    ['a text', 'flow', [' schema']],
    ['nothing', {}, ['/name schema', '/nodes schema']],
    [
      'fields that are not known',
      flow([{ id: 'a', type: 'echo', depend_on: [] }], { nodez: 1 }),
      ['/nodes/0/depend_on schema', '/nodez schema'],
    ],
    [
      'a doubled id',
      flow([
        { id: 'a', type: 'echo' },
        { id: 'a', type: 'echo' },
      ]),
      ['/nodes/1/id duplicate_id'],
    ],
    ['an unknown dependency', flow([{ id: 'a', type: 'echo', depends_on: ['b'] }]), ['/nodes/0/depends_on/0 unknown_dependency']],
    ['an unknown output', flow([{ id: 'a', type: 'echo' }], { output: 'b' }), ['/output unknown_output']],
    [
      'a cycle, and what waits behind it',
      flow([
        { id: 'a', type: 'echo', depends_on: ['b'] },
        { id: 'b', type: 'echo', depends_on: ['a'] },
        { id: 'c', type: 'echo', depends_on: ['b'] },
      ]),
      ['/nodes/1/depends_on cycle', '/nodes/2 unreachable'],
    ],
    ['a bad condition', flow([{ id: 'a', type: 'echo', when: 'input.' }]), ['/nodes/0/when bad_expression']],
    [
      'a bad placeholder',
      flow([{ id: 'a', type: 'echo', config: { k: ['${{ no }}'] } }]),
      ['/nodes/0/config/k/0 bad_expression'],
    ],
    [
      'a bad placeholder in a body',
      flow([{ id: 'a', type: 'echo', config: { body: { x: '${{ }}' } } }]),
      ['/nodes/0/config/body/x bad_expression'],
    ],
    [
      'a reference to nothing',
      flow([{ id: 'a', type: 'echo', input: '${{ nodes.b.output }}' }]),
      ['/nodes/0/input unknown_reference'],
    ],
    [
      'references to a node beside, behind, and itself',
      flow([
        { id: 'a', type: 'echo', when: 'nodes.b.output' },
        { id: 'b', type: 'echo', depends_on: ['a'], config: { x: '${{ nodes.c.output + nodes.b.output }}' } },
        {
          id: 'c',
          type: 'echo',
          depends_on: ['a'],
          compensate: { type: 'echo', config: { x: '${{ nodes.c.output + nodes.a.output + nodes.b.output }}' } },
        },
      ]),
      [
        '/nodes/0/when not_upstream',
        '/nodes/1/config/x not_upstream',
        '/nodes/1/config/x not_upstream',
        '/nodes/2/compensate/config/x not_upstream',
      ],
    ],
    ['a missing agent', flow([{ id: 'a', type: 'agent', config: { agent: 'nobody' } }]), ['/nodes/0/config/agent missing_agent']],
    [
      'an unknown pattern beside other faults',
      flow([{ id: 'a', type: 'echo', x: 1 }], { orchestration_pattern: 'flock' }),
      ['/nodes/0/x schema', '/orchestration_pattern unsupported_pattern'],
    ],
    ['too many nodes', flow(Array.from({ length: 101 }, (_, n) => ({ id: `n${n}`, type: 'echo' }))), ['/nodes limit_exceeded']],
    [
      'too many edges',
      flow([{ id: 'a', type: 'echo', depends_on: Array.from({ length: 201 }, () => 'b') }]),
      ['/nodes limit_exceeded'],
    ],
    [
      'too deep a graph',
      flow(Array.from({ length: 21 }, (_, n) => ({ id: `n${n}`, type: 'echo', depends_on: n === 0 ? [] : [`n${n - 1}`] }))),
      ['/nodes limit_exceeded'],
    ],
    [
      'more agents than there are',
      flow([{ id: 'a', type: 'echo' }], { agents: { x: { type: 't', count: 11 } } }),
      ['/agents insufficient_capacity'],
    ],
  ])('finds %s', (_what, source, expected) => {
    expect(errorsOf(source)).toEqual(expected);
  });

  it('finds everything at once, with what is wrong and how to mend it', () => {
    const { errors } = validateDefinition(
      flow(
        [
          { id: 'a', type: 'echo', depends_on: ['a'], when: 'input.x == ' },
          { id: 'a', type: 'agent', depends_on: ['z'], config: { agent: 'nobody' } },
        ],
        { output: 'q' },
      ),
      context(),
    );
    expect(errors.map(({ code }) => code).sort()).toEqual([
      'bad_expression',
      'cycle',
      'duplicate_id',
      'missing_agent',
      'unknown_dependency',
      'unknown_output',
    ]);
    for (const { message, remedy } of errors) expect([message, remedy].every((text) => text.length > 5)).toBe(true);
    expect(errors.find(({ code }) => code === 'cycle')!.message).toBe('cycle: a -> a');
    expect(errors.find(({ code }) => code === 'bad_expression')!.position).toEqual({ start: 11, end: 11 });
  });

  it('warns of types that no worker executes, where workers have told theirs', () => {
    const source = flow([{ id: 'a', type: 'future' }]);
    expect(validateDefinition(source, context())).toMatchObject({
      errors: [],
      warnings: [{ pointer: '/nodes/0/type', code: 'unknown_node_type' }],
    });
    expect(validateDefinition(source, context({ nodeTypes: new Set() })).warnings).toEqual([]);
  });

  it('warns of those in bodies, and in what undoes a node', () => {
    const loop = { type: 'loop', config: { body: { type: 'rare' }, until: 'true', max_visits: 1 } };
    const source = flow([
      { id: 'a', type: 'map', config: { items: '[1]', body: { type: 'echo' } }, compensate: { type: 'undo' } },
      { id: 'b', ...loop },
    ]);
    const { warnings } = validateDefinition(source, context({ nodeTypes: new Set(['echo', 'loop', 'map']) }));
    expect(warnings.map(({ pointer, message }) => [pointer, message])).toEqual([
      ['/nodes/0/compensate/type', 'no worker executes the type `undo`: the node will not be undone'],
      ['/nodes/1/config/body/type', 'no worker executes the type `rare`: the node will be skipped'],
    ]);
  });

  it('takes `hitl` for an approval, also in a body, and refuses it where nothing waits', () => {
    const more = { nodeTypes: new Set(['approval', 'echo', 'loop', 'map']) };
    const loop = (type: string) => ({ body: { type, config: { title: 'Again?' } }, until: 'true', max_visits: 2 });
    const source = (type: string) =>
      flow([
        { id: 'ask', type, config: { title: 'Ship it?' } },
        { id: 'again', type: 'loop', depends_on: ['ask'], config: loop(type) },
      ]);
    const validation = validateDefinition(source('hitl'), context(more));
    expect(validation).toEqual(validateDefinition(source('approval'), context(more)));
    expect(validation).toMatchObject({ errors: [], warnings: [], definition: { nodes: [{ type: 'approval' }, {}] } });
    const refused = flow([
      { id: 'a', type: 'map', config: { items: '[1]', body: { type: 'hitl' } } },
      { id: 'b', type: 'echo', compensate: { type: 'hitl' } },
    ]);
    expect(errorsOf(refused, more)).toEqual(['/nodes/0/config/body/type schema', '/nodes/1/compensate/type schema']);
  });

  it('warns of configs that a handler would refuse, also in bodies and in what undoes a node', () => {
    const checkConfig = (type: string, config: JsonObject) =>
      type === 'echo' && config['bad'] === true ? [{ pointer: '/bad', message: 'it is bad' }] : [];
    const bad = { type: 'echo', config: { bad: true } };
    const source = flow([
      { id: 'a', type: 'map', config: { items: '[1]', body: bad }, compensate: bad },
      { id: 'b', ...bad },
    ]);
    const { errors, warnings } = validateDefinition(source, context({ checkConfig, nodeTypes: new Set() }));
    expect(errors).toEqual([]);
    expect(warnings.map(({ pointer, code, message }) => [pointer, code, message])).toEqual([
      ['/nodes/0/config/body/config/bad', 'invalid_config', 'it is bad: the node will fail'],
      ['/nodes/0/compensate/config/bad', 'invalid_config', 'it is bad: the node cannot be undone'],
      ['/nodes/1/config/bad', 'invalid_config', 'it is bad: the node will fail'],
    ]);
  });

  it('warns of pools that no worker serves, where workers have told theirs', () => {
    const source = flow([
      { id: 'a', type: 'echo', pool: 'gpu' },
      { id: 'b', type: 'echo', pool: 'net' },
    ]);
    expect(validateDefinition(source, context({ pools: new Set(['net']) })).warnings).toMatchObject([
      { pointer: '/nodes/0/pool', code: 'unknown_pool' },
    ]);
    expect(validateDefinition(source, context()).warnings).toEqual([]);
  });

  it('refuses a schema of answers that no answer can be held against', () => {
    const schemas: JsonObject[] = [{ type: 'object' }, { type: 'text' }, { pattern: 'a' }, { type: '${{ input.type }}' }];
    const nodes = schemas.map((schema, n): JsonObject => {
      return { id: `n${n}`, type: 'agent', config: { role: 'draft', output_schema: schema } };
    });
    expect(errorsOf(flow(nodes))).toEqual(['/nodes/1/config/output_schema schema', '/nodes/2/config/output_schema schema']);
  });

  it('warns of tools that no worker has, of nodes and of the agents that they name', () => {
    const tools = { names: new Set(['search']), ofAgents: new Map([['drafter', ['search', 'fly']]]) };
    const source = flow([
      { id: 'a', type: 'agent', config: { role: 'draft', tools: ['search', 'swim', '${{ input.tool }}'] } },
      { id: 'b', type: 'agent', config: { agent: 'drafter' } },
      { id: 'c', type: 'echo', config: { tools: ['swim'] } },
    ]);
    expect(validateDefinition(source, context({ tools })).warnings).toMatchObject([
      { pointer: '/nodes/0/config/tools/1', code: 'unknown_tool', remedy: expect.stringContaining('search') },
      { pointer: '/nodes/1/config/agent', code: 'unknown_tool', message: expect.stringContaining('`fly`') },
    ]);
    expect(validateDefinition(source, context()).warnings).toEqual([]);
  });

  it('refuses what is nested without end, before it walks it', () => {
    let deep: JsonValue = 1;
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(errorsOf({ name: 'flow', nodes: [{ id: 'a', type: 'echo', config: { deep } }] })).toEqual([' limit_exceeded']);
  });

  it.each<[string, JsonValue, string]>([
    ['a pattern that is not supported, whatever else', flow([], { orchestration_pattern: 'flock' }), 'unsupported_pattern'],
    [
      'a definition that is wrong and too large',
      flow([{ id: 'a', type: 'echo', when: '(' }], { agents: { x: { type: 't', count: 11 } } }),
      'workflow_invalid',
    ],
    ['one that is too large', flow(Array.from({ length: 101 }, () => 1)), 'limit_exceeded'],
    [
      'one beyond all capacity',
      flow([{ id: 'a', type: 'echo' }], { agents: { x: { type: 't', count: 11 } } }),
      'insufficient_capacity',
    ],
  ])('tells %s by its code', (_what, source, code) => {
    expect(statusOf(source)).toBe(code);
  });
});

describe('the guide', () => {
  const guide = readFileSync(new URL('../../../docs/workflows.md', import.meta.url), 'utf8');
  const examples = [...guide.matchAll(/```(?:json|yaml)\n([^]*?)```/g)].map(([, text]) => text!);

  it.each(examples)('shows what is valid (%#)', (text) => {
    const agents = new Set(['drafter', 'reviewer']);
    const { errors } = validateDefinition(parse(text) as JsonValue, context({ agents }));
    expect(errors).toEqual([]);
  });

  it('shows examples', () => {
    expect(examples).toHaveLength(2);
  });
});

describe('a document of agents and tasks', () => {
  const document = (more: JsonObject): JsonObject => ({ workflow: { ...EXAMPLE.workflow, ...more } });

  it('is accepted as written', () => {
    const { errors, warnings, definition, graph, resources } = validateDefinition(EXAMPLE, context());
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(definition).toMatchObject({
      ...{ name: 'multi_agent_research', version: '1.0', orchestration_pattern: 'supervisor', concurrency: 10 },
      agents: {
        supervisor: { type: 'supervisor_agent', count: 1, resources: { cpu: 2, memory: 4e9 } },
        researchers: { type: 'research_agent', count: 3, resources: { cpu: 1, memory: 2e9 } },
      },
      circuit_breaker: { failure_threshold: 3, timeout: 30 },
      coordination: {
        type: 'hybrid',
        event_driven: ['agent_status', 'data_updates'],
        graph_based: ['task_flow', 'dependencies'],
      },
    });
    expect(graph!.levels).toEqual([['decompose'], ['research-1', 'research-2', 'research-3'], ['research'], ['synthesize']]);
    expect(resources).toMatchObject({
      agents: { total: 4, by_type: { supervisor_agent: 1, research_agent: 3 } },
      ...{ max_parallelism: 3, max_parallel_agents: 3, cpu_cores: 5, memory_bytes: 10e9 },
    });
    const plan = compilePlan(definition!);
    expect(plan.nodes.map(({ id, type, timeoutMs, onError }) => ({ id, type, timeoutMs, onError }))).toEqual([
      { id: 'decompose', type: 'agent', timeoutMs: 300_000, onError: 'compensate' },
      ...[1, 2, 3].map((n) => ({ id: `research-${n}`, type: 'agent', timeoutMs: 1_800_000, onError: 'compensate' })),
      { id: 'research', type: 'aggregate', timeoutMs: null, onError: 'fail' },
      { id: 'synthesize', type: 'agent', timeoutMs: 600_000, onError: 'compensate' },
    ]);
    expect(plan.nodes[0]).toMatchObject({
      retry: { max_attempts: 5, backoff: 'exponential' },
      config: { agent: 'supervisor', role: 'supervisor_agent' },
    });
    expect(plan.nodes[0]!.config['instructions']).toContain('task_decomposition');
  });

  it('needs no wrapper', () => {
    expect(errorsOf(EXAMPLE.workflow)).toEqual([]);
  });

  it('points into the document as it was sent', () => {
    const tasks: JsonValue[] = [
      { id: 'one', agent: 'researchers', parallel: true, depends_on: ['none'], retry_policy: 'hopeful' },
      { id: 'two', agent: 'nobody', depends_on: ['one'], when: 'input.' },
    ];
    expect(errorsOf(document({ tasks })).sort()).toEqual([
      '/workflow/tasks/0/depends_on/0 unknown_dependency',
      '/workflow/tasks/0/retry_policy unknown_retry_policy',
      '/workflow/tasks/1/agent missing_agent',
      '/workflow/tasks/1/when bad_expression',
    ]);
    expect(
      errorsOf(
        document({ tasks: [{ id: 'x' }], agents: { a: { type: 't', resources: { cpu: 'many', memory: '4 XB' } } } }),
      ).sort(),
    ).toEqual([
      '/workflow/agents/a/resources/cpu schema',
      '/workflow/agents/a/resources/memory schema',
      '/workflow/tasks/0/agent schema',
    ]);
  });

  it('warns of agents without a task', () => {
    const tasks = [{ id: 'one', agent: 'supervisor' }];
    expect(validateDefinition(document({ tasks }), context()).warnings).toMatchObject([
      { pointer: '/workflow/agents/researchers', code: 'unused_agent' },
    ]);
  });

  it.each<[string, JsonObject, string]>([
    ['an unknown pattern', { orchestration_pattern: 'flock' }, 'unsupported_pattern'],
    ['no tasks', { tasks: [] }, 'workflow_invalid'],
    [
      'more agents than there are',
      { agents: { supervisor: { type: 's' }, researchers: { type: 'r', count: 500_000 } } },
      'insufficient_capacity',
    ],
    [
      'more cores than there are',
      { agents: { supervisor: { type: 's', resources: { cpu: '101 cores' } }, researchers: { type: 'r' } } },
      'insufficient_capacity',
    ],
    ['a cycle', { tasks: [{ id: 'a', agent: 'supervisor', depends_on: ['a'] }] }, 'workflow_invalid'],
  ])('refuses %s', (_what, more, code) => {
    expect(statusOf(document(more))).toBe(code);
  });

  it('refuses parallel tasks that make too many nodes', () => {
    const { errors } = validateDefinition(
      document({ agents: { supervisor: { type: 's' }, researchers: { type: 'r', count: 150 } } }),
      context({ capacity: { agents: 1_000, cpu: 1_000, memory: 1e12 } }),
    );
    expect(errors.map(({ pointer, code }) => `${pointer} ${code}`)).toContain('/workflow/tasks/1 limit_exceeded');
  });

  it.each([
    ['2 cores', 2],
    ['1 core', 1],
    ['500m', 0.5],
    ['0.25', 0.25],
    [3, 3],
  ])('reads %j as cores', (cpu, cores) => {
    const { definition } = validateDefinition(
      document({ agents: { supervisor: { type: 's', resources: { cpu } }, researchers: { type: 'r' } } }),
      context(),
    );
    expect(definition!.agents!['supervisor']!.resources.cpu).toBe(cores);
  });

  it.each([
    ['4GB', 4e9],
    ['512 MiB', 512 * 2 ** 20],
    ['2Gi', 2 * 2 ** 30],
    ['1000', 1_000],
    ['12B', 12],
  ])('reads %j as bytes', (memory, bytes) => {
    const { definition } = validateDefinition(
      document({ agents: { supervisor: { type: 's', resources: { memory } }, researchers: { type: 'r' } } }),
      context(),
    );
    expect(definition!.agents!['supervisor']!.resources.memory).toBe(bytes);
  });
});
