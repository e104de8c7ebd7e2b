import { z } from 'zod';

/** What calls of models have used. Whole numbers. */
export interface Usage {
  readonly modelCalls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Millionths of the currency of the price table. */
  readonly costMicros: number;
}

/** What one journaled step has used, of one model, for one agent. */
export interface StepUsage extends Usage {
  /** `provider/model`. */
  readonly model: string;
  /** The name of the agent that asked. */
  readonly agent: string;
}

/** What calls of one model have used. */
export type ModelUsage = Omit<StepUsage, 'agent'>;

/** Takes down what the calls of models use that are made for one step. */
export interface CallMeter {
  /** Holds what all of them are going to use, about, against the budgets: once, before the first of them. Resolves when they may be made. */
  reserve(wanted: Usage): Promise<void>;
  /** Counts one that was answered. */
  count(used: ModelUsage): void;
}

const count = z.int().min(0);

/** The wire form of {@link Usage}. */
export const UsageSchema = z.strictObject({
  model_calls: count,
  prompt_tokens: count,
  completion_tokens: count,
  cost_micros: count.describe('Millionths of the currency of the price table.'),
});
export type WireUsage = z.infer<typeof UsageSchema>;

/** The wire form of {@link StepUsage}, as the journal has it. */
export const StepUsageSchema = UsageSchema.extend({ model: z.string(), agent: z.string() });
export type WireStepUsage = z.infer<typeof StepUsageSchema>;

export const NO_USAGE: Usage = { modelCalls: 0, promptTokens: 0, completionTokens: 0, costMicros: 0 };

export function addUsage(one: Usage, other: Usage): Usage {
  return {
    modelCalls: one.modelCalls + other.modelCalls,
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    costMicros: one.costMicros + other.costMicros,
  };
}

export function toWireUsage({ modelCalls, promptTokens, completionTokens, costMicros }: Usage): WireUsage {
  return {
    model_calls: modelCalls,
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    cost_micros: costMicros,
  };
}

export function toWireStepUsage(usage: StepUsage): WireStepUsage {
  return { ...toWireUsage(usage), model: usage.model, agent: usage.agent };
}

export function readStepUsage(wire: WireStepUsage): StepUsage {
  return { ...readUsage(wire), model: wire.model, agent: wire.agent };
}

/** Reads the wire form; what else stands in it is left out. */
export function readUsage(wire: WireUsage): Usage {
  return {
    modelCalls: wire.model_calls,
    promptTokens: wire.prompt_tokens,
    completionTokens: wire.completion_tokens,
    costMicros: wire.cost_micros,
  };
}
