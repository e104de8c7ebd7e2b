import { HierarchicalPattern } from '@baton/agents';
import { WorkflowDefinitionSchema, type JsonObject, type WorkflowDefinition } from '@baton/core';

/** Agents of the research cascade where nothing else is asked for: workers, those who put their answers together, and one who concludes. */
export const RESEARCH_TIERS = { workers: 8, syntheses: 2 };
/** Agents of the search swarm. */
export const SEARCH_AGENTS = 5;

/**
 * The built-in workflow `research`: the question is divided among eight agents, each answers its part from passages of its own, two put four
 * answers each together, and one concludes. Input `{question}`; output of the last agent.
 */
export const RESEARCH_WORKFLOW: WorkflowDefinition = researchWorkflow('research', RESEARCH_TIERS);

/** The built-in workflow `search`: five agents search at once from different sides, and one puts together what they have found. */
export const SEARCH_WORKFLOW: WorkflowDefinition = searchWorkflow('search', SEARCH_AGENTS);

/** A research cascade of other sizes. */
export function researchWorkflow(
  name: string,
  { workers, syntheses }: { workers: number; syntheses: number },
): WorkflowDefinition {
  const tiers = [{ agents: workers }, { agents: syntheses }, { agents: 1 }];
  return hierarchical(name, 'Answers a question in three tiers of agents, from the ingested documents, with citations.', tiers);
}

/** A search swarm of another size. */
export function searchWorkflow(name: string, agents: number): WorkflowDefinition {
  const description = 'Searches the ingested documents from several sides at once, and puts together what was found.';
  return hierarchical(name, description, [{ agents }, { agents: 1 }]);
}

function hierarchical(name: string, description: string, tiers: JsonObject[]): WorkflowDefinition {
  const parameters = { tiers, evidence: { top_k: 4 } };
  const outcome = new HierarchicalPattern().expand(parameters);
  if ('problems' in outcome) throw new Error(outcome.problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '));
  return WorkflowDefinitionSchema.parse({
    ...{ name, description, orchestration_pattern: 'hierarchical' },
    ...outcome.expansion,
    coordination: { parameters },
  });
}
