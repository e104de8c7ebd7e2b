import { HierarchicalPattern } from '@baton/agents';
import {
  WorkflowDefinitionSchema,
  type JsonObject,
  type PatternExpansion,
  type PatternNode,
  type WorkflowDefinition,
} from '@baton/core';

/** Agents of the research cascade where nothing else is asked for: workers, those who put their answers together, and one who concludes. */
export const RESEARCH_TIERS = { workers: 8, syntheses: 2 };
/** Agents of the search swarm. */
export const SEARCH_AGENTS = 5;

/**
 * The built-in workflow `research`: the question is divided among eight agents, each answers its part from passages of its own, two put four
 * answers each together, and one concludes. Input `{question, title?}`; output `{title, answer, citations, …}`, of which a report is kept.
 */
export const RESEARCH_WORKFLOW: WorkflowDefinition = cascade('research', RESEARCH_TIERS);

/** The built-in workflow `search`: five agents search at once from different sides, and one puts together what they have found. */
export const SEARCH_WORKFLOW: WorkflowDefinition = swarm('search', SEARCH_AGENTS);

/** The research cascade of these sizes: {@link RESEARCH_WORKFLOW}, or one that is named after them. */
export function researchWorkflow({ workers, syntheses }: typeof RESEARCH_TIERS): WorkflowDefinition {
  const isUsual = workers === RESEARCH_TIERS.workers && syntheses === RESEARCH_TIERS.syntheses;
  return isUsual ? RESEARCH_WORKFLOW : cascade(`research-${workers}-${syntheses}`, { workers, syntheses });
}

/** The search swarm of this size: {@link SEARCH_WORKFLOW}, or one that is named after it. */
export function searchWorkflow(agents: number): WorkflowDefinition {
  return agents === SEARCH_AGENTS ? SEARCH_WORKFLOW : swarm(`search-${agents}`, agents);
}

function cascade(name: string, { workers, syntheses }: typeof RESEARCH_TIERS): WorkflowDefinition {
  const tiers = [{ agents: workers }, { agents: syntheses }, { agents: 1 }];
  return hierarchical(name, 'Answers a question in three tiers of agents, from the ingested documents, with citations.', tiers);
}

function swarm(name: string, agents: number): WorkflowDefinition {
  const description = 'Searches the ingested documents from several sides at once, and puts together what was found.';
  return hierarchical(name, description, [{ agents }, { agents: 1 }]);
}

function hierarchical(name: string, description: string, tiers: JsonObject[]): WorkflowDefinition {
  const parameters = { tiers, evidence: { top_k: 4 } };
  const outcome = new HierarchicalPattern().expand(parameters);
  if ('problems' in outcome) throw new Error(outcome.problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '));
  return WorkflowDefinitionSchema.parse({
    ...{ name, description, orchestration_pattern: 'hierarchical' },
    ...withReport(outcome.expansion),
    coordination: { parameters },
  });
}

/** What the agents came to as one result, which is the run's output, and a report of it. A report that cannot be made costs no answer. */
function withReport({ nodes, output: final }: PatternExpansion): PatternExpansion {
  const agents = nodes.filter(({ type }) => type === 'agent');
  const inTier = (isWanted: (tier: string) => boolean): PatternNode[] =>
    agents.filter(({ config }) => isWanted((config as { tier: string }).tier));
  const workers = inTier((tier) => tier === 'worker');
  const syntheses = inTier((tier) => tier.startsWith('synthesis'));
  const collected: PatternNode = {
    ...{ id: 'collect', type: 'transform', depends_on: [...workers, ...syntheses].map(({ id }) => id) },
    config: {
      value: {
        agent_results: workers.map(({ id }) => partOf(id, `\${{ nodes["${id}"].output.?question }}`)),
        synthesis_results: syntheses.map(({ id }, index) => partOf(id, `Synthesis ${index + 1}`)),
      },
    },
  };
  const result: PatternNode = {
    ...{ id: 'result', type: 'transform', depends_on: ['survey', 'collect', final] },
    config: {
      value: {
        title: '${{ input.?title.orValue(nodes.survey.output.question) }}',
        answer: `\${{ nodes.${final}.output.answer }}`,
        final_synthesis: `\${{ nodes.${final}.output.answer }}`,
        synthesis_results: '${{ nodes.collect.output.synthesis_results.filter(part, part.status != "skipped") }}',
        agent_results: '${{ nodes.collect.output.agent_results.filter(part, part.status != "skipped") }}',
        citations: `\${{ nodes.${final}.output.citations }}`,
      },
    },
  };
  const report: PatternNode = {
    ...{ id: 'report', type: 'report', depends_on: ['result'], on_error: 'continue' },
    config: { from: 'nodes.result.output', formats: ['markdown', 'pdf', 'docx'] },
  };
  return { nodes: [...nodes, collected, result, report], output: 'result' };
}

/** What became of an agent; also of one that failed. */
function partOf(id: string, title: string): JsonObject {
  const node = `nodes["${id}"]`;
  return {
    agent_id: id,
    title,
    status: `\${{ ${node}.status }}`,
    content: `\${{ ${node}.output.?answer }}`,
    usage: `\${{ ${node}.output.?usage }}`,
    error: `\${{ ${node}.error }}`,
  };
}
