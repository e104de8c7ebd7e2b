import {
  addUsage,
  NO_USAGE,
  type CallMeter,
  type JsonValue,
  type ModelUsage,
  type NodeContext,
  type StepUsage,
  type Usage,
} from '@baton/core';

/** Takes down what is called for one step of a node. */
class StepMeter implements CallMeter {
  private readonly counted: ModelUsage[] = [];

  constructor(
    private readonly context: Pick<NodeContext, 'reserve'>,
    private readonly key: string,
    private readonly agent: string,
  ) {}

  async reserve(wanted: Usage): Promise<void> {
    if (wanted.modelCalls > 0) await this.context.reserve(this.key, () => wanted);
  }

  count(used: ModelUsage): void {
    this.counted.push(used);
  }

  /** Of several models, as while documents move from one to another, under the name of the last. Null: nothing was called. */
  get usage(): StepUsage | null {
    const last = this.counted.at(-1);
    if (last === undefined) return null;
    const { model } = last;
    return { ...this.counted.reduce<Usage>(addUsage, NO_USAGE), model, agent: this.agent };
  }
}

/** A journaled step that calls models other than those that answer: what they use is held before, and counted with the step, under the name of an agent. */
export function meteredStep<T extends JsonValue>(
  context: Pick<NodeContext, 'step' | 'reserve'>,
  { key, agent }: { key: string; agent: string },
  work: (signal: AbortSignal, meter: CallMeter) => Promise<T>,
): Promise<T> {
  const meter = new StepMeter(context, key, agent);
  return context.step(key, (signal) => work(signal, meter), { usage: () => meter.usage, spent: () => meter.usage });
}
