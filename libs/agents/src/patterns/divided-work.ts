import type { JsonObject, PatternNode } from '@baton/core';
import { agentNode, MAX_PASSAGES, subtasksSchema, type AgentPart, type Evidence } from './agent-part.js';

interface DividedWork {
  /** Who divides the work, and in which tier it stands. */
  divider: { part: AgentPart | undefined; tier: string };
  worker: { part: AgentPart | undefined; tier: string; count: number; isOptional: boolean };
  /** Absent: the workers know, or find, what they need. */
  evidence: Evidence | undefined;
}

/** One worker, and what it works on. */
export interface Worker {
  id: string;
  evidenceId: string;
  when: string;
}

/**
 * The work divided into as many parts as there are workers at most, and a worker for each. A worker that gets no part is skipped. Passages are
 * numbered throughout, so that a citation means the same to all.
 */
export function divideWork({ divider, worker, evidence }: DividedWork): { nodes: PatternNode[]; workers: Worker[] } {
  const survey: PatternNode[] =
    evidence === undefined
      ? []
      : [{ id: 'survey', type: 'retrieve', config: { ...documentsOf(evidence), top_k: surveyed(worker.count) } }];
  const divide = agentNode(divider.part, {
    ...{ id: 'decompose', tier: divider.tier, role: 'decompose', answers: subtasksSchema(worker.count) },
    dependsOn: survey.map(({ id }) => id),
  });
  const workers = Array.from({ length: worker.count }, (_, index): Worker => {
    const number = index + 1;
    const when = `size(nodes.decompose.output.data.subtasks) > ${index}`;
    return { id: `${worker.tier}-${number}`, evidenceId: `evidence-${number}`, when };
  });
  const parts = workers.flatMap(({ id, evidenceId, when }, index) => [
    evidenceNode(evidenceId, when, index, evidence),
    agentNode(worker.part, {
      ...{ id, tier: worker.tier, role: 'work', dependsOn: [evidenceId], when, isOptional: worker.isOptional },
    }),
  ]);
  return { nodes: [...survey, divide, ...parts], workers };
}

/** What a worker is given: its part of the work, and the passages about it. */
function evidenceNode(id: string, when: string, index: number, evidence: Evidence | undefined): PatternNode {
  const subtask = `nodes.decompose.output.data.subtasks[${index}]`;
  const place = { id, depends_on: ['decompose'], when };
  if (evidence === undefined) {
    return { ...place, type: 'transform', config: { value: { question: `\${{ ${subtask} }}`, passages: [] } } };
  }
  const config = { query: `\${{ ${subtask} }}`, top_k: evidence.top_k, number_from: index * evidence.top_k + 1 };
  return { ...place, type: 'retrieve', config: { ...documentsOf(evidence), ...config } };
}

/** Enough passages that there is one of another document for each worker, in most cases. */
function surveyed(workers: number): number {
  return Math.min(2 * workers, MAX_PASSAGES);
}

function documentsOf({ document_ids: documents }: Evidence): JsonObject {
  return documents === undefined ? {} : { document_ids: documents };
}
