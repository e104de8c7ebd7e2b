import type { UsageChange } from '@baton/core';

/** What a run adds to its sums; its row is locked, so that nobody else writes them. */
export interface NewUsage {
  readonly runId: string;
  readonly change: UsageChange;
}

/** The columns that a change gives, in the order of {@link usageValues}; the others come from the run's row. */
export const USAGE_COLUMNS = [
  ...['run_id', 'day', 'node_id', 'agent', 'model', 'model_calls', 'prompt_tokens', 'completion_tokens', 'cost_micros'],
];

/** What is summed. */
export const USAGE_SUMS = ['model_calls', 'prompt_tokens', 'completion_tokens', 'cost_micros'];

/** Lengths of the columns: a longer name is cut, since a call that is paid must be journaled. */
const AGENT_CHARS = 64;
const MODEL_CHARS = 200;

export function usageValues({ runId, change: { day, nodeId, usage } }: NewUsage): unknown[] {
  const { agent, model, modelCalls, promptTokens, completionTokens, costMicros } = usage;
  return [
    ...[runId, day, nodeId, agent.slice(0, AGENT_CHARS), model.slice(0, MODEL_CHARS)],
    ...[modelCalls, promptTokens, completionTokens, costMicros],
  ];
}
