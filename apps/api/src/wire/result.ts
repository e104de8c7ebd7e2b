import { z } from 'zod';
import {
  RUN_STATUSES,
  toWireUsage,
  UsageSchema,
  type AgentResult,
  type Artifact,
  type OrchestrationResult,
  type RunWithResult,
  type Usage,
} from '@baton/core';
import { ArtifactReply, toArtifactReply } from './artifact.js';
import { toInstantOrNull, Instant } from './json.js';
import { Failure } from './run.js';

const MICROS = 1_000_000;

const AgentResultReply = z.object({
  agent_id: z.string().describe('The node.'),
  agent: z.string(),
  tier: z.string().nullable(),
  status: z.string(),
  content: z.string().nullable().describe('What it said.'),
  citations: z.array(z.json()),
  execution_time: z.number().describe('Seconds.'),
  cost: z.number().describe('In the currency of the price table.'),
  usage: UsageSchema,
  error: z.json().nullable(),
});

export const ResultReply = z.object({
  task_id: z.string().nullable(),
  run_id: z.string(),
  title: z.string(),
  status: z.enum(RUN_STATUSES),
  agent_results: z.array(AgentResultReply),
  synthesis_results: z.array(AgentResultReply),
  final_synthesis: z.string().nullable(),
  citations: z.array(z.json()),
  execution_time: z.number().nullable().describe('Seconds since it started; null: it has not.'),
  total_cost: z.number().describe('In the currency of the price table.'),
  usage: UsageSchema,
  metadata: z.object({
    workflow: z.string(),
    version: z.int(),
    started_at: Instant.nullable(),
    finished_at: Instant.nullable(),
  }),
  generated_documents: z.array(ArtifactReply),
  artifacts: z.array(z.string()).describe('Where each can be had.'),
  error: Failure.nullable(),
});
export type ResultReply = z.infer<typeof ResultReply>;

export function toResultReply(
  run: RunWithResult,
  result: OrchestrationResult,
  { usage, artifacts, error, now }: { usage: Usage; artifacts: readonly Artifact[]; error: ResultReply['error']; now: number },
): ResultReply {
  const { agentResults, synthesisResults, final } = result;
  const documents = artifacts.map(toArtifactReply);
  return {
    ...{ task_id: run.taskId, run_id: run.id, title: titleOf(run), status: run.status },
    agent_results: agentResults.map(toAgentResult),
    synthesis_results: synthesisResults.map(toAgentResult),
    final_synthesis: final?.answer ?? null,
    citations: (final?.citations ?? []) as ResultReply['citations'],
    execution_time: run.startedAt === null ? null : ((run.finishedAt ?? now) - run.startedAt) / 1_000,
    total_cost: usage.costMicros / MICROS,
    usage: toWireUsage(usage),
    metadata: {
      ...{ workflow: run.workflow.name, version: run.workflow.version },
      started_at: toInstantOrNull(run.startedAt),
      finished_at: toInstantOrNull(run.finishedAt),
    },
    generated_documents: documents,
    artifacts: documents.map(({ id }) => `/api/v1/artifacts/${id}`),
    error,
  };
}

function toAgentResult({ nodeId, agent, tier, status, answer, citations, workedMs, usage, error }: AgentResult) {
  return {
    ...{ agent_id: nodeId, agent, tier, status, content: answer, citations: citations as ResultReply['citations'] },
    ...{ execution_time: workedMs / 1_000, cost: usage.costMicros / MICROS, usage: toWireUsage(usage) },
    error: error as unknown as ResultReply['agent_results'][number]['error'],
  };
}

/** What was asked, or else the workflow's name. */
function titleOf({ input, workflow }: RunWithResult): string {
  const { title, question } = (input ?? {}) as { title?: unknown; question?: unknown };
  if (typeof title === 'string') return title;
  return typeof question === 'string' ? question : workflow.name;
}
