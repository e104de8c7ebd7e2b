import { PortCalls } from '../support/in-memory/index.js';

/** Something that a handler did outside Baton. */
export interface Effect {
  runId: string;
  nodeId: string;
  visit: number;
  /** It undoes the node. */
  undo: boolean;
  key: string;
}

/** The world outside: it keeps every effect that reaches it, repeats included. */
export class EffectSink {
  readonly effects: Effect[] = [];
}

/** The line of one process to the world outside, as unreliable as any. */
export class SinkLine {
  readonly calls = new PortCalls();

  constructor(private readonly sink: EffectSink) {}

  send(effect: Effect): Promise<void> {
    return this.calls.make('send', effect, () => void this.sink.effects.push(effect));
  }
}
