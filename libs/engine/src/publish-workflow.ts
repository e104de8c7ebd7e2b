import {
  BatonError,
  childReferences,
  definitionError,
  namedPattern,
  validateDefinition,
  type AgentStore,
  type Capacity,
  type ChildReference,
  type Clock,
  type ConfigCheck,
  type DefinitionLimits,
  type DefinitionProblem,
  type JsonValue,
  type KnownTools,
  type MeasuredSeconds,
  type Pattern,
  type Validation,
  type Worker,
  type WorkerRegistry,
  type Workflow,
  type WorkflowDefinition,
  type WorkflowStore,
} from '@baton/core';
import type { NodeMeasurer } from './measure-nodes.js';
import type { PatternCatalog } from './pattern-catalog.js';
import { readDefinition, type SubmittedDefinition } from './read-definition.js';

/** A version that was kept, or was there already, with what validation said of it. */
export interface PublishedWorkflow {
  workflow: Workflow;
  isNew: boolean;
  validation: Validation;
}

/** The tools of kept agents, by the agent's name. */
type KeptTools = KnownTools['ofAgents'];

/** Agents looked up at once. */
const LOOKUPS = 20;

/** Validates definitions against what there is, and keeps those that are valid. */
export class WorkflowPublisher {
  constructor(
    private readonly parts: {
      workflows: WorkflowStore;
      agents: Pick<AgentStore, 'findByName'>;
      registry: Pick<WorkerRegistry, 'list'>;
      clock: Clock;
      /** Absent: durations are declared or assumed. */
      times?: Pick<NodeMeasurer, 'measure'>;
      /** Absent: definitions name their nodes themselves. */
      patterns?: Pick<PatternCatalog, 'find'>;
      /** Absent: configs are looked at when their nodes start. */
      checkConfig?: ConfigCheck;
    },
    private readonly options: { limits: DefinitionLimits; capacity: Capacity },
  ) {}

  /** Everything that is wrong with a definition, and what can be said of it. Keeps nothing. */
  async validate(tenantId: string, submitted: SubmittedDefinition): Promise<Validation> {
    return (await this.read(tenantId, submitted)).validation;
  }

  /**
   * Keeps a definition as the next version of the workflow of its name; an equal one once. `base`: the version that it was made from, 0: none.
   * @throws BatonError `stale_revision` where `base` is not the newest version, `unsupported_pattern`, `workflow_invalid`, `limit_exceeded`, `insufficient_capacity`, each with all problems.
   */
  async publish(tenantId: string, submitted: SubmittedDefinition, base?: number): Promise<PublishedWorkflow> {
    return this.keep(tenantId, submitted, { name: null, ...(base !== undefined && { base }) });
  }

  /**
   * Keeps a definition as the next version of this workflow.
   * @throws BatonError as `publish`, `workflow_not_found`, and `workflow_invalid` when the definition has another name.
   */
  async replace(tenantId: string, idOrName: string, submitted: SubmittedDefinition, base?: number): Promise<PublishedWorkflow> {
    const current = await this.parts.workflows.find(tenantId, idOrName);
    if (current === null)
      throw new BatonError('workflow_not_found', `There is no workflow \`${idOrName}\`.`, { workflow: idOrName });
    return this.keep(tenantId, submitted, { name: current.name, ...(base !== undefined && { base }) });
  }

  private async keep(
    tenantId: string,
    submitted: SubmittedDefinition,
    { name, base }: { name: string | null; base?: number },
  ): Promise<PublishedWorkflow> {
    const { validation, json, source, pointer } = await this.read(tenantId, submitted);
    const { definition } = validation;
    const errors = [...validation.errors, ...renaming(definition, name, pointer)];
    if (definition === null || errors.length > 0) throw definitionError(definition?.name ?? name ?? nameIn(json), errors);
    const content = { definition, source, ...(base !== undefined && { base }) };
    return { ...(await this.parts.workflows.keep(tenantId, content, this.parts.clock.now())), validation };
  }

  private async read(tenantId: string, submitted: SubmittedDefinition) {
    const { limits, capacity } = this.options;
    const { json, source, pointer, problems } = readDefinition(submitted, limits);
    if (problems.length > 0) {
      const errors = moved(problems, pointer);
      return { validation: { errors, warnings: [], definition: null, graph: null, resources: null }, json, source, pointer };
    }
    const live = (await this.parts.registry.list()).filter((worker) => worker.live);
    const nodeTypes = new Set(live.flatMap((worker) => worker.nodeTypes));
    const pools = live.length === 0 ? undefined : new Set(live.flatMap((worker) => worker.pools));
    const patterns = await this.patternsOf(tenantId, json);
    const { checkConfig } = this.parts;
    const context = { limits, capacity, nodeTypes, patterns, checkConfig, ...(pools !== undefined && { pools }) };
    const validate = (kept: KeptTools, more: { measured?: MeasuredSeconds } = {}): Validation => {
      const tools = knownTools(live, kept);
      return validateDefinition(json, { ...context, agents: new Set(kept.keys()), ...(tools !== null && { tools }), ...more });
    };
    let agents: KeptTools = new Map();
    let validation = validate(agents);
    if (validation.errors.some(({ code }) => code === 'missing_agent')) {
      agents = await this.knownAgents(tenantId, validation.definition);
      if (agents.size > 0) validation = validate(agents);
    }
    const measured = await this.measure(tenantId, validation);
    if (measured.size > 0) validation = validate(agents, { measured });
    const { errors } = validation;
    const warnings = [...validation.warnings, ...(await this.unknownWorkflows(tenantId, validation.definition))];
    const all = { ...validation, errors: moved(errors, pointer), warnings: moved(warnings, pointer) };
    return { validation: all, json, source, pointer };
  }

  /** The one that the definition names, where it is neither unknown nor one that only the nodes' author knows. */
  private async patternsOf(tenantId: string, json: JsonValue): Promise<Map<string, Pattern>> {
    const name = namedPattern(json);
    const found = name === null ? null : ((await this.parts.patterns?.find(tenantId, name)) ?? null);
    return new Map(found === null ? [] : [[found.pattern.name, found.pattern]]);
  }

  /** What the nodes took in recent runs, where that would tell anything. */
  private async measure(tenantId: string, { definition, errors }: Validation): Promise<MeasuredSeconds> {
    const { times } = this.parts;
    const isOpen = definition?.nodes.some(({ estimate }) => estimate === undefined) ?? false;
    if (times === undefined || definition === null || !isOpen || errors.length > 0) return new Map();
    return times.measure(tenantId, definition.name);
  }

  /** Workflows of children that are not there yet: they may come before the first run. */
  private async unknownWorkflows(tenantId: string, definition: WorkflowDefinition | null): Promise<DefinitionProblem[]> {
    const references = definition === null ? [] : childReferences(definition);
    const named = Map.groupBy(
      references.filter(({ workflow, version }) => workflow !== definition!.name || version !== undefined),
      ({ workflow, version }) => JSON.stringify([workflow, version]),
    );
    const problems: DefinitionProblem[] = [];
    const groups = [...named.values()];
    for (let start = 0; start < groups.length; start += LOOKUPS) {
      const some = groups.slice(start, start + LOOKUPS);
      const found = await Promise.all(some.map(([one]) => this.parts.workflows.find(tenantId, one!.workflow, one!.version)));
      some.forEach((group, index) => problems.push(...group.flatMap((one) => unknownWorkflow(one, found[index]!))));
    }
    return problems;
  }

  /** Those of the agents that the nodes name which are kept as data, with their tools. */
  private async knownAgents(tenantId: string, definition: WorkflowDefinition | null): Promise<KeptTools> {
    const named = (definition?.nodes ?? []).map(({ config }) => config['agent']).filter((agent) => typeof agent === 'string');
    const names = [...new Set(named)];
    const known = new Map<string, readonly string[]>();
    for (let start = 0; start < names.length; start += LOOKUPS) {
      const found = await Promise.all(
        names.slice(start, start + LOOKUPS).map((name) => this.parts.agents.findByName(tenantId, name)),
      );
      for (const agent of found) if (agent !== null) known.set(agent.name, agent.tools);
    }
    return known;
  }
}

/** Null: nobody runs, or a worker of an older version does, which does not say what it has. */
function knownTools(live: readonly Worker[], ofAgents: KeptTools): KnownTools | null {
  const told = live.map(({ agentTools }) => agentTools);
  if (told.length === 0 || told.includes(null)) return null;
  return { names: new Set(told.flatMap((names) => names ?? [])), ofAgents };
}

/** The name that the author gave to what is no definition. */
function nameIn(json: JsonValue): string {
  const name = json !== null && typeof json === 'object' && !Array.isArray(json) ? json['name'] : undefined;
  return typeof name === 'string' ? name.slice(0, 64) : 'unnamed';
}

function moved(problems: readonly DefinitionProblem[], pointer: string): DefinitionProblem[] {
  return problems.map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
}

/** The name is what makes two versions one workflow. */
function renaming(definition: WorkflowDefinition | null, name: string | null, pointer: string): DefinitionProblem[] {
  if (definition === null || name === null || definition.name === name) return [];
  const message = `the workflow is called \`${name}\`, not \`${definition.name}\``;
  return [
    { pointer: `${pointer}/name`, code: 'schema', message, remedy: 'Keep the name, or publish another workflow with POST.' },
  ];
}

function unknownWorkflow({ pointer, workflow, version }: ChildReference, found: Workflow | null): DefinitionProblem[] {
  if (found !== null && found.archivedAt === null) return [];
  const named = version === undefined ? `workflow \`${workflow}\`` : `version ${version} of the workflow \`${workflow}\``;
  const message = found === null ? `there is no ${named}` : `the ${named} is archived`;
  const remedy = 'Publish it before the first run: until then the node fails.';
  return [{ pointer, code: 'unknown_workflow', message, remedy }];
}
