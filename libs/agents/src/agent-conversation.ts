import {
  BatonError,
  readStepUsage,
  type ChatMessage,
  type ChatModel,
  type ChatReply,
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  type NodeContext,
} from '@baton/core';
import { writePrompt, type AgentPrompt } from './agent-prompt.js';
import { toTurn, turnMessages, type AgentTurn, type AskedCall, type CalledTool } from './agent-turn.js';
import { spentByFailure, usageAtMost, USUAL_ANSWER_TOKENS } from './call-budget.js';
import type { ConversationRecord } from './conversation-record.js';
import { hearAnswer, UNHEARD, type AnswerFeed } from './heard-answer.js';
import type { OutputSchema } from './output-schema.js';
import { settleAll } from './settle-all.js';
import type { CallableTool, ToolContext, ToolOffer } from './tools/agent-tool.js';
import type { AgentToolbox } from './tools/agent-toolbox.js';

/** What agents work with. */
export interface AgentParts {
  model: ChatModel;
  tools: AgentToolbox;
  /** Where answers go while they come. */
  tokens?: AnswerFeed;
}

/** Who is asked. */
export interface AskedAgent {
  role: string;
  instructions: string;
  /** Empty: the provider's default. */
  model: string;
  maxTokens?: number | undefined;
  /** Of one call of the model. */
  timeoutMs?: number | undefined;
  /** Names of the tools that it may call. */
  tools: readonly string[];
}

export interface ConversationSettings {
  /** The name of the agent, under which its usage is counted. */
  agent: string;
  /** Looked up within each journaled step: a replay is not told other instructions than the first try. */
  resolve(): Promise<AskedAgent> | AskedAgent;
  /** What it is asked about. */
  about: Pick<AgentPrompt, 'question' | 'passages' | 'draft' | 'review'>;
  /** Goes before the keys of its steps. */
  prefix: string;
  depth: number;
  /** Replies in which it may call tools; the next one is its answer. */
  maxTurns: number;
  /** Turns in a row with something wrong in them that it may mend. */
  maxCorrections: number;
  /** What its answer must fit; null: any text. */
  output: OutputSchema | null;
  /** The tool that ends the conversation when it is called. */
  endsWith?: string;
}

/** What came of a conversation. */
export interface ConversationEnd {
  reply: AgentTurn;
  /** The answer as JSON, where it had to fit a schema. */
  data?: JsonValue;
  called: CalledTool[];
}

/**
 * An agent at work: the model is asked, the tools that it asks for are called, and it is asked again, until it answers. Each reply and each call is a
 * journaled step: entered again, on any worker, the conversation goes on after the last one that is finished.
 */
export class AgentConversation {
  private readonly heard: ChatMessage[] = [];
  private readonly called: CalledTool[] = [];
  private results: JsonObject = {};

  constructor(
    private readonly parts: AgentParts,
    private readonly context: NodeContext,
    private readonly record: ConversationRecord,
    private readonly settings: ConversationSettings,
  ) {}

  /**
   * Until the model answers without asking for a tool. What is wrong with a call or an answer it is told, and tries again.
   * @throws BatonError `correction_failed` when it does not mend it, `tool_not_found`, and what the model and its tools throw.
   */
  async hold(): Promise<ConversationEnd> {
    const { maxTurns, prefix } = this.settings;
    let mistakes = 0;
    for (let turn = 1; ; turn += 1) {
      const key = `${prefix}model${turn === 1 ? '' : `-${turn}`}`;
      const reply = await this.ask(key, turn > maxTurns);
      this.record.spend(readStepUsage(reply.usage));
      const calls = turn > maxTurns ? [] : (reply.tool_calls ?? []);
      const answer = calls.length === 0 ? this.readAnswer(reply) : null;
      if (answer?.problem === null) return { reply, called: this.called, ...answer.data };
      const problem = answer === null ? await this.callTools(reply, calls, key) : answer.problem;
      if (problem === null && calls.some(({ name }) => name === this.settings.endsWith)) return { reply, called: this.called };
      mistakes = problem === null ? 0 : mistakes + 1;
      if (problem !== null && mistakes > this.settings.maxCorrections) throw this.notCorrected(problem);
    }
  }

  private ask(key: string, toolsAreOff: boolean): Promise<AgentTurn> {
    let model = '';
    const say = async (signal: AbortSignal): Promise<AgentTurn> => {
      const asked = await this.settings.resolve();
      model = asked.model;
      const { context, parts } = this;
      const offers = asked.tools.length === 0 ? [] : await parts.tools.offers(context.tenantId, asked.tools, signal);
      const feed = parts.tokens ?? UNHEARD;
      const request = this.writeRequest(asked, { key, offers, toolsAreOff, signal });
      // Whether somebody listens to the run as the call begins.
      if (await feed.isHeard(context.runId)) request.hear = hearAnswer(feed, context, key);
      if (await context.reserve(key, () => usageAtMost(request, parts.model))) request.maxTokens ??= USUAL_ANSWER_TOKENS;
      if (asked.timeoutMs !== undefined) request.signal = AbortSignal.any([signal, AbortSignal.timeout(asked.timeoutMs)]);
      const startedAt = performance.now();
      const reply = await parts.model.complete(request);
      this.logReply(reply, Math.round(performance.now() - startedAt));
      return toTurn(reply, { provider: parts.model.provider, agent: this.settings.agent, role: asked.role, offers });
    };
    return this.context.step(key, say, {
      usage: (said) => readStepUsage(said.usage),
      spent: (error) => spentByFailure(error, model, this.parts.model),
      isLast: (said) => this.endsNode(said, toolsAreOff),
    });
  }

  private writeRequest(
    { role, instructions, model, maxTokens }: AskedAgent,
    {
      key,
      offers,
      toolsAreOff,
      signal,
    }: { key: string; offers: readonly ToolOffer[]; toolsAreOff: boolean; signal: AbortSignal },
  ): ChatRequest {
    const { context, heard } = this;
    const { about, output } = this.settings;
    const { question, passages, draft, review } = about;
    const told = output === null ? instructions : `${instructions}\n\n${output.instruction}`;
    const prompt = writePrompt({ role, instructions: told, question, passages, draft, review });
    return {
      model,
      messages: heard.length === 0 ? prompt : [...prompt, ...heard],
      tools: offers.length === 0 ? undefined : offers.map(({ tool }) => tool),
      toolsAreOff,
      hear: undefined,
      maxTokens,
      tenantId: context.tenantId,
      idempotencyKey: `${context.idempotencyKey}/${key}`,
      log: context.log,
      signal,
    };
  }

  /** Whether the node ends with this reply: the conversation is its own, and nothing is left to call or to mend. */
  private endsNode({ content, tool_calls: calls }: AgentTurn, toolsAreOff: boolean): boolean {
    const { depth, output } = this.settings;
    return depth === 0 && (toolsAreOff || calls === undefined) && (output === null || 'data' in output.read(content));
  }

  private logReply({ model, name = model, usage, toolCalls = [] }: ChatReply, ms: number): void {
    const did = toolCalls.length === 0 ? 'answered' : `asks for ${toolCalls.map((call) => call.name).join(', ')}`;
    this.context.log.info(`Model ${name} ${did}`, {
      agent: this.settings.agent,
      ms,
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      ...(usage.costMicros !== undefined && usage.costMicros > 0 && { cost_micros: usage.costMicros }),
    });
  }

  /** `problem` null: it is one. */
  private readAnswer({ content }: AgentTurn): { problem: string | null; data?: { data: JsonValue } } {
    const { output } = this.settings;
    if (output === null) return { problem: null };
    const read = output.read(content);
    if ('data' in read) return { problem: null, data: read };
    this.heard.push({ role: 'assistant', content }, { role: 'user', content: output.correction(read.problem) });
    return read;
  }

  /** Calls what the model asks for, some at once. What was wrong with a call; null: nothing. */
  private async callTools(reply: AgentTurn, calls: readonly AskedCall[], key: string): Promise<string | null> {
    const context: ToolContext = {
      ...this.context,
      ...{ record: this.record, agent: this.settings.agent, depth: this.settings.depth, results: this.results },
    };
    const work = calls.map((call, index) => () => this.callTool(context, call, `${key}/tool-${index + 1}`));
    const done = await settleAll(work, this.context.concurrency);
    // Only now, and in their order: whatever was done first, a replay numbers the same passages the same.
    const called = done.map(({ name, result, tool }) => ({ name, result: tool?.tell?.(result, this.record) ?? result }));
    this.heard.push(...turnMessages(reply, called));
    this.called.push(...called);
    this.results = { ...this.results, ...Object.fromEntries(called.map(({ name, result }) => [name, result])) };
    const wrong = calls.find(({ mistake }) => mistake !== undefined);
    return wrong === undefined ? null : `\`${wrong.name}\`: ${wrong.mistake!.error}`;
  }

  private async callTool(
    context: ToolContext,
    { name, arguments: text, mistake }: AskedCall,
    key: string,
  ): Promise<CalledTool & { tool?: CallableTool }> {
    if (mistake !== undefined) return { name, result: mistake };
    const tool = this.parts.tools.find(context.tenantId, name);
    // A step: what it said while there was one stands there.
    if (tool === null) {
      return { name, result: await context.step(key, (): JsonValue => ({ error: `There is no tool \`${name}\` any more.` })) };
    }
    return { name, tool, result: await tool.invoke(context, text, key) };
  }

  private notCorrected(problem: string): BatonError {
    const { agent, maxCorrections } = this.settings;
    const detail = `The agent \`${agent}\` made mistakes ${maxCorrections + 1} times in a row; the last: ${problem}`;
    return new BatonError('correction_failed', detail, { node_id: this.context.nodeId, agent }, { retryable: false });
  }
}
