import { BatonError, type AgentStore, type JsonObject, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { AgentConversation, type AgentParts } from '../agent-conversation.js';
import { instructionsOf } from '../agent-role.js';
import { citedNumbers, renumberCitations } from '../citation.js';
import { ConversationRecord } from '../conversation-record.js';
import { PassageSchema } from '../passage.js';
import { AgentTool, type ToolContext } from './agent-tool.js';
import { boundResult } from './tool-result.js';

/** Delegates of delegates: the agent of a node is at depth 0, and the last one that can be asked at this depth. */
export const MAX_DELEGATION_DEPTH = 3;
const MAX_TURNS = 10;
const MAX_CORRECTIONS = 3;

const Arguments = z.object({
  agent: z.string().min(1).max(64).describe('The name of the agent.'),
  task: z
    .string()
    .trim()
    .min(1)
    .max(20_000)
    .describe('What it is to do, with all that it must know: it sees nothing of this conversation.'),
});
type Arguments = z.infer<typeof Arguments>;

const Answer = z.object({ agent: z.string(), answer: z.string(), passages: z.array(PassageSchema) });

/** An agent as it stood when it was first asked. */
interface KnownAgent {
  [key: string]: JsonValue;
  role: string;
  instructions: string;
  model: string;
  max_tokens: number | null;
  timeout_ms: number | null;
  tools: string[];
}

/**
 * Gives a task to an agent that is kept as data. It works in a conversation of its own within the same node: its replies and calls are steps of
 * the node under the key of the call, so that it goes on after a crash as any agent does, may wait for a person, and costs no other run.
 */
export class DelegateTool extends AgentTool<Arguments> {
  readonly name = 'delegate';
  readonly description =
    'Gives a task to another agent, which works on it with its own instructions and tools, and returns its answer. ' +
    'Ask several at once by several calls.';
  readonly parameters = Arguments;
  override readonly example: JsonObject = { agent: 'drafter', task: 'Summarise what a lease is, in two sentences.' };

  constructor(private readonly parts: AgentParts & { agents: Pick<AgentStore, 'findByName'> }) {
    super();
  }

  async call(context: ToolContext, { agent, task }: Arguments, key: string): Promise<JsonValue> {
    if (context.depth >= MAX_DELEGATION_DEPTH) {
      return { error: `You are ${context.depth} delegations deep and cannot delegate further: do it yourself.` };
    }
    const known = await context.step(`${key}/agent`, () => this.find(context, agent));
    if (known === null) return { error: `There is no agent \`${agent}\` that can be asked.` };
    const record = new ConversationRecord();
    try {
      const { reply } = await this.conversation(context, { agent, known, task, key, record }).hold();
      const cited = citedNumbers(reply.content);
      return { agent, answer: reply.content, passages: record.passages.filter(({ n }) => cited.includes(n)) };
    } catch (error) {
      // It follows from what is journaled, so that it is the same at every replay.
      if (error instanceof BatonError && error.code === 'correction_failed') return { error: error.message };
      throw error;
    } finally {
      context.record.spend(record.usage);
    }
  }

  /** The answer as the conversation knows it: its citations under the numbers that their passages have here. */
  override tell(result: JsonValue, record: ConversationRecord): JsonValue {
    const read = Answer.safeParse(result);
    if (!read.success) return result;
    const { agent, answer, passages } = read.data;
    const added = record.add(passages);
    const numbers = new Map(passages.map(({ n }, index) => [n, added[index]!.n]));
    const sources = added.map(({ n, title }) => ({ n, title }));
    return boundResult({
      ...{ agent, answer: renumberCitations(answer, numbers) },
      ...(sources.length > 0 && { sources }),
    });
  }

  private async find({ tenantId }: NodeContext, name: string): Promise<KnownAgent | null> {
    const agent = await this.parts.agents.findByName(tenantId, name);
    const instructions = agent === null ? undefined : instructionsOf(agent.role, agent.instructions);
    if (agent === null || instructions === undefined) return null;
    const { role, model, tools, limits } = agent;
    const timeoutMs = limits.timeout === undefined ? null : limits.timeout * 1_000;
    return { role, instructions, model, tools, max_tokens: limits.max_tokens ?? null, timeout_ms: timeoutMs };
  }

  private conversation(
    context: ToolContext,
    asked: { agent: string; known: KnownAgent; task: string; key: string; record: ConversationRecord },
  ): AgentConversation {
    const { agent, known, task, key, record } = asked;
    const { role, instructions, model, tools, max_tokens: maxTokens, timeout_ms: timeoutMs } = known;
    return new AgentConversation(this.parts, context, record, {
      ...{
        agent,
        prefix: `${key}/`,
        depth: context.depth + 1,
        maxTurns: MAX_TURNS,
        maxCorrections: MAX_CORRECTIONS,
        output: null,
      },
      about: { question: task, passages: [] },
      resolve: () => ({
        ...{ role, instructions, model, tools },
        ...(maxTokens !== null && { maxTokens }),
        ...(timeoutMs !== null && { timeoutMs }),
      }),
    });
  }
}
