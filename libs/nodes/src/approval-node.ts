import {
  BatonError,
  NodeHandler,
  PROPOSAL_BYTES,
  schemaProblem,
  type ApprovalAsk,
  type Clock,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type WaitResult,
} from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

const Role = z.enum(['operator', 'admin']);
const Names = z.array(z.string().min(1).max(64)).max(100);
/** Seconds, up to ten years. */
const Seconds = z.number().positive().max(315_360_000);
/** Of people who decide, or reject. */
const Count = z.int().min(1).max(100);

const Fields = z.strictObject({
  title: z.string().min(1).max(500).default('Approve?').describe('What the people are asked.'),
  deadline: Seconds.optional().describe('Seconds after which `on_timeout` happens.'),
  on_timeout: z.enum(['approve', 'reject', 'fail']).default('reject').describe('What happens when nobody has decided in time.'),
  role: Role.default('operator').describe('Who decides has this role, or a higher one.'),
  assignees: Names.default([]).describe('The names of who may decide; without them, everybody with the role.'),
  approvals: Count.default(1).describe('How many must approve.'),
  rejections: Count.default(1).describe('How many must reject.'),
  self_approval: z.boolean().default(true).describe('Whether the one who started the run may decide.'),
  payload: z.json().default(null).describe('What is to be approved; who approves may change it.'),
  payload_schema: z
    .record(z.string(), z.json())
    .refine((schema) => schemaProblem(schema) === null, { error: ({ input }) => schemaProblem(input as JsonObject)! })
    .optional()
    .describe('JSON Schema of what it may be changed to.'),
  escalate: z
    .array(z.strictObject({ after: Seconds, role: Role, assignees: Names.default([]) }))
    .max(10)
    .default([])
    .describe('Others who are asked instead, each so many seconds after the start of the wait.'),
});

/** The config of `approval`. */
export const ApprovalConfig = Fields.refine(
  ({ escalate }) => escalate.every(({ after }, at) => at === 0 || after > escalate[at - 1]!.after),
  {
    path: ['escalate'],
    error: 'each must come after the one before',
  },
).refine(canBeDecided, { path: ['assignees'], error: 'so few people cannot come to so many approvals or rejections' });
export type ApprovalConfig = z.infer<typeof Fields>;

const Vote = z.object({ by: z.string(), decision: z.enum(['approve', 'reject']), comment: z.string().nullable() });
const Decision = z.looseObject({
  decision: z.enum(['approve', 'reject']),
  comment: z.string().nullish(),
  by: z.string().nullish(),
  payload: z.json().optional(),
  votes: z.array(Vote).optional(),
});

/** What the nodes after an approval branch on. */
type ApprovalOutput = {
  approved: boolean;
  timed_out: boolean;
  by: string | null;
  comment: string | null;
  payload: JsonValue;
  /** Where several had to decide. */
  votes?: z.infer<typeof Vote>[];
};

/** Waits for people's decision, for days at no cost. Nodes after it take their branch by `when: nodes.<id>.output.approved`. */
export class ApprovalNode extends NodeHandler {
  readonly type = 'approval';

  constructor(private readonly clock: Clock) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, ApprovalConfig);
    const result = await this.ask(context, config);
    if (result.kind === 'timeout') {
      context.log.warn('Nobody decided in time', { on_timeout: config.on_timeout });
      return timedOut(context, config.on_timeout);
    }
    const { decision, by, comment, payload, votes } = Decision.parse(result.payload);
    const output: ApprovalOutput = {
      approved: decision === 'approve',
      timed_out: false,
      by: by ?? null,
      comment: comment ?? null,
      payload: payload ?? null,
      ...(votes !== undefined && { votes }),
    };
    context.log.info(output.approved ? 'Approved' : 'Rejected', { by: output.by, comment: output.comment });
    return output;
  }

  /** Asks one group of people after the other, until somebody decides or the deadline has passed. */
  private async ask(context: NodeContext, config: ApprovalConfig): Promise<WaitResult> {
    const reason = `waiting for approval: ${config.title}`;
    // A step: the instants are the same when the node is entered again.
    const since = await context.step('since', () => {
      const { title, role, approvals, deadline } = config;
      context.log.info(`Asks for approval: ${title}`, {
        role,
        approvals,
        ...(deadline !== undefined && { deadline_s: deadline }),
      });
      return this.clock.now();
    });
    const after = (seconds: number): number => since + Math.round(seconds * 1_000);
    const dueAt = config.deadline === undefined ? null : after(config.deadline);
    const escalations = config.escalate.filter((one) => dueAt === null || after(one.after) < dueAt);
    const common = commonTerms(context, config);
    for (let escalation = 0; ; escalation += 1) {
      const { role, assignees } = escalation === 0 ? config : escalations[escalation - 1]!;
      const next = escalations[escalation];
      const escalatesAt = next === undefined ? null : after(next.after);
      const ask: ApprovalAsk = { ...common, role, assignees, due_at: dueAt, escalation, escalates_at: escalatesAt };
      const key = escalation === 0 ? 'decision' : `decision-${escalation + 1}`;
      const result = await context.waitFor(key, { awaits: { kind: 'approval', ask }, until: escalatesAt ?? dueAt, reason });
      if (result.kind === 'signal' || next === undefined) return result;
    }
  }
}

/** What does not change from one group to the next. */
function commonTerms(
  context: NodeContext,
  config: ApprovalConfig,
): Pick<ApprovalAsk, 'excluded' | 'approvals' | 'rejections' | 'proposal' | 'schema'> {
  const { approvals, rejections, self_approval: maySelf, payload: proposal, payload_schema: schema } = config;
  const fail = (message: string): never => {
    throw new BatonError('node_failed', message, { node_id: context.nodeId }, { retryable: false });
  };
  if (!maySelf && context.startedBy === null) fail('Nobody can decide: it is not known who started the run, who must not.');
  const bytes = Buffer.byteLength(JSON.stringify(proposal));
  if (bytes > PROPOSAL_BYTES) fail(`The payload to be approved has ${bytes} bytes; ${PROPOSAL_BYTES} are allowed.`);
  const excluded = maySelf ? [] : [context.startedBy!];
  return { excluded, approvals, rejections, proposal, ...(schema !== undefined && { schema }) };
}

/** Whether each group that is named is large enough for one outcome or the other, however they vote. */
function canBeDecided({
  approvals,
  rejections,
  assignees,
  escalate,
}: Pick<ApprovalConfig, 'approvals' | 'rejections' | 'assignees' | 'escalate'>): boolean {
  const groups = [assignees, ...escalate.map((one) => one.assignees)];
  return groups.every((names) => names.length === 0 || new Set(names).size >= approvals + rejections - 1);
}

function timedOut(context: NodeContext, onTimeout: ApprovalConfig['on_timeout']): JsonValue {
  if (onTimeout === 'fail') {
    throw new BatonError('timeout', 'Nobody decided in time.', { node_id: context.nodeId }, { retryable: false });
  }
  const output: ApprovalOutput = { approved: onTimeout === 'approve', timed_out: true, by: null, comment: null, payload: null };
  return output;
}
