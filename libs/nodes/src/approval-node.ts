import { BatonError, NodeHandler, type Clock, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

const ApprovalConfig = z.strictObject({
  /** What the person is asked. */
  title: z.string().min(1).max(500).default('Approve?'),
  /** Seconds after which `on_timeout` happens. */
  deadline: z.number().positive().max(315_360_000).optional(),
  on_timeout: z.enum(['approve', 'reject', 'fail']).default('reject'),
});

const Decision = z.looseObject({
  decision: z.enum(['approve', 'reject']),
  comment: z.string().nullish(),
  by: z.string().nullish(),
  payload: z.json().optional(),
});

/** What the nodes after an approval branch on. */
interface ApprovalOutput {
  [key: string]: JsonValue;
  approved: boolean;
  timed_out: boolean;
  by: string | null;
  comment: string | null;
  payload: JsonValue;
}

/** Waits for a person's decision, for days at no cost. Nodes after it take their branch by `when: nodes.<id>.output.approved`. */
export class ApprovalNode extends NodeHandler {
  readonly type = 'approval';

  constructor(private readonly clock: Clock) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const { title, deadline, on_timeout: onTimeout } = parseConfig(context, ApprovalConfig);
    // A step: the deadline is the same when the node is entered again.
    const until = await context.step('until', () =>
      deadline === undefined ? null : this.clock.now() + Math.round(deadline * 1_000),
    );
    const reason = `waiting for approval: ${title}`;
    const result = await context.waitFor('decision', { awaits: { kind: 'approval' }, until, reason });
    if (result.kind === 'timeout') return this.timedOut(context, onTimeout);
    const { decision, by, comment, payload } = Decision.parse(result.payload);
    const output: ApprovalOutput = {
      approved: decision === 'approve',
      timed_out: false,
      by: by ?? null,
      comment: comment ?? null,
      payload: payload ?? null,
    };
    return output;
  }

  private timedOut(context: NodeContext, onTimeout: 'approve' | 'reject' | 'fail'): JsonValue {
    if (onTimeout === 'fail') {
      throw new BatonError('timeout', 'Nobody decided in time.', { node_id: context.nodeId }, { retryable: false });
    }
    const output: ApprovalOutput = { approved: onTimeout === 'approve', timed_out: true, by: null, comment: null, payload: null };
    return output;
  }
}
