import {
  ChatModel,
  DEFAULT_TENANT,
  rateClaims,
  type ChatReply,
  type ChatRequest,
  type ChatUsage,
  type RateClaim,
  type RateGate,
  type RateRule,
} from '@baton/core';

/** Models that know what is called where one of them is asked for. */
interface NamedModels extends ChatModel {
  /** `provider/model`. */
  nameOf(wanted: string): string;
}

/** Characters of one token, about: what a call takes is estimated before it, and known after it. */
const CHARS_PER_TOKEN = 4;
/** Waits that are worth a line in the log. */
const TOLD_FROM_MS = 100;

/**
 * Models whose calls wait for their turn under the operator's limits, in requests and in tokens. The tokens are claimed by an estimate, the longest
 * answer included, and corrected by what the model says it has used; a call that fails has used none.
 */
export class RateLimitedChatModel extends ChatModel {
  constructor(
    private readonly models: NamedModels,
    private readonly gate: RateGate,
    private readonly rules: readonly RateRule[],
  ) {
    super();
  }

  override get provider(): string {
    return this.models.provider;
  }

  override quote(model: string, used: Pick<ChatUsage, 'promptTokens' | 'completionTokens'>): number {
    return this.models.quote(model, used);
  }

  /** @throws BatonError `rate_limited`, `model_failed`, `model_answer_too_large`. */
  complete(request: ChatRequest): Promise<ChatReply> {
    const model = this.models.nameOf(request.model);
    const isLimited = this.claimsOf(request, model, 0).length > 0;
    return isLimited ? this.completeInTurn(request, model) : this.models.complete(request);
  }

  private async completeInTurn(request: ChatRequest, model: string): Promise<ChatReply> {
    const claims = this.claimsOf(request, model, estimateTokens(request));
    const askedAt = performance.now();
    await this.gate.pass({ target: model, ticket: `${request.idempotencyKey}/model`, claims, signal: request.signal });
    const ms = Math.round(performance.now() - askedAt);
    if (ms >= TOLD_FROM_MS) request.log?.info('Waited for its turn under a rate limit', { model, ms });
    let used = 0;
    try {
      const reply = await this.models.complete(request);
      used = reply.usage.promptTokens + reply.usage.completionTokens;
      return reply;
    } finally {
      const truth = this.claimsOf(request, model, used);
      await this.gate.settle(truth.map((claim, index) => ({ ...claim, cost: claim.cost - claims[index]!.cost })));
    }
  }

  private claimsOf({ tenantId = DEFAULT_TENANT }: ChatRequest, model: string, tokens: number): RateClaim[] {
    return rateClaims(this.rules, { tenantId, model, tokens });
  }
}

function estimateTokens({ messages, tools = [], maxTokens = 0 }: ChatRequest): number {
  const said = messages.reduce((sum, { content, toolCalls = [] }) => sum + content.length + JSON.stringify(toolCalls).length, 0);
  return Math.ceil((said + JSON.stringify(tools).length) / CHARS_PER_TOKEN) + maxTokens;
}
