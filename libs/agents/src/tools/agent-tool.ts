import {
  BatonError,
  type CallMeter,
  type ChatTool,
  type JsonObject,
  type JsonValue,
  type LogFields,
  type NodeContext,
} from '@baton/core';
import { z } from 'zod';
import type { ConversationRecord } from '../conversation-record.js';
import { meteredStep } from '../metered-step.js';
import { logCall } from './log-call.js';
import { boundResult } from './tool-result.js';

/** What a tool is called in: the node of the agent, and the conversation that asks for it. */
export interface ToolContext extends NodeContext {
  readonly record: ConversationRecord;
  /** Whose conversation it is: what its tools use of models is counted under this name. */
  readonly agent: string;
  /** 0: of the node's own agent, 1: of one that it delegates to, and on. */
  readonly depth: number;
  /** What the tools of this conversation said in the turns before, the last of each by its name. */
  readonly results: JsonObject;
}

/** What is wrong with a call, as the model is told, with arguments that would be valid where some are known. */
export type ToolMistake = { error: string; example?: JsonValue };

/** A tool as an agent is offered it. */
export interface ToolOffer {
  readonly tool: ChatTool;
  /** What is wrong with the text of a call's arguments; null: nothing. */
  check(text: string): ToolMistake | null;
}

/** What an agent can call. */
export interface CallableTool {
  readonly name: string;
  /** As it is now; what stands elsewhere is asked there. */
  offer(tenantId: string, signal: AbortSignal): Promise<ToolOffer> | ToolOffer;
  /** Calls it with arguments that its offer has checked, and journals that under `key`. Asks nobody where that is journaled already. */
  invoke(context: ToolContext, text: string, key: string): Promise<JsonValue>;
  /** What the model is told of a result, where that is not the result itself; it numbers the passages in it for the conversation. */
  tell?(result: JsonValue, record: ConversationRecord): JsonValue;
}

/**
 * A tool of one's own: a class with a schema, of which one instance serves all runs. It journals what it does itself; where one step is
 * enough, extend {@link StepTool}.
 */
export abstract class AgentTool<Arguments = unknown> implements CallableTool, ToolOffer {
  /** Letters, digits, `_` and `-`, at most 64: what every provider takes. */
  abstract readonly name: string;
  /** For the model: what it does, and when to use it. */
  abstract readonly description: string;
  /** Offered to the model as JSON Schema. A call that does not fit never reaches the tool. */
  abstract readonly parameters: z.ZodType<Arguments>;
  /** Arguments that fit, shown to a model that got them wrong. */
  readonly example?: JsonObject;

  /**
   * Does what is asked, in steps whose keys begin with `key`. What goes wrong for good is a result, which the model reads; what may have
   * passed at another attempt of the node is thrown.
   */
  abstract call(context: ToolContext, args: Arguments, key: string): Promise<JsonValue>;

  tell?(result: JsonValue, record: ConversationRecord): JsonValue;

  private described: ChatTool | undefined;

  get tool(): ChatTool {
    this.described ??= { name: this.name, description: this.description, parameters: jsonSchemaOf(this.parameters) };
    return this.described;
  }

  offer(): ToolOffer {
    return this;
  }

  check(text: string): ToolMistake | null {
    const read = this.read(text);
    return 'error' in read ? read : null;
  }

  async invoke(context: ToolContext, text: string, key: string): Promise<JsonValue> {
    const read = this.read(text);
    return 'error' in read ? read : this.call(context, read.args, key);
  }

  private read(text: string): { args: Arguments } | ToolMistake {
    const json = parseArguments(text);
    if ('error' in json) return this.mistake(json.error);
    const { success, data, error } = this.parameters.safeParse(json.value);
    return success ? { args: data } : this.mistake(z.prettifyError(error));
  }

  private mistake(error: string): ToolMistake {
    return { error, ...(this.example !== undefined && { example: this.example }) };
  }
}

/** A tool whose call is one journaled step: made once, however often its node is entered again. */
export abstract class StepTool<Arguments = unknown> extends AgentTool<Arguments> {
  /**
   * Does what is asked. An error is told to the model, unless it is a BatonError that another attempt may overcome: then the node fails, and
   * tries again; `budget_exceeded` fails it for good. `idempotencyKey`: of this call, the same at every try; send it with every effect.
   * `signal`: pass it to every call. `meter`: takes down what models use that it calls itself.
   */
  protected abstract run(
    context: ToolContext,
    args: Arguments,
    call: { readonly idempotencyKey: string; readonly signal: AbortSignal; readonly meter: CallMeter },
  ): Promise<JsonValue> | JsonValue;

  override call(context: ToolContext, args: Arguments, key: string): Promise<JsonValue> {
    const idempotencyKey = `${context.idempotencyKey}/${key}`;
    const { name } = this;
    return meteredStep(context, { key, agent: context.agent }, (signal, meter) => {
      const call = () => resultOf(async () => this.run(context, args, { idempotencyKey, signal, meter }), signal);
      return logCall(context.log, { name, fieldsOf: (result) => this.logged(result) }, call);
    });
  }

  /** What the log of the node says of a result. Bodies and secrets have no place in it. */
  protected logged(_result: JsonValue): LogFields {
    return {};
  }
}

function jsonSchemaOf(parameters: z.ZodType): JsonObject {
  const { $schema: _, ...schema } = z.toJSONSchema(parameters, { io: 'input' }) as JsonObject;
  return schema;
}

/** JSON of a call's arguments; none at all are no arguments. */
export function parseArguments(text: string): { value: unknown } | { error: string } {
  if (text.trim() === '') return { value: {} };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { error: 'the arguments are not JSON' };
  }
}

/** What a tool says, bounded; an error that stays is a result. @throws what another attempt may overcome, `budget_exceeded`, and the signal's reason. */
export async function resultOf(work: () => Promise<JsonValue>, signal: AbortSignal): Promise<JsonValue> {
  try {
    return boundResult(await work());
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof BatonError)) return { error: error instanceof Error ? error.message : String(error) };
    // The run is to end by it: no model is asked what to do instead.
    if (error.code === 'budget_exceeded') throw error;
    if (isPassing(error)) throw PASSING_CODES.has(error.code) ? error : passingFailure(error);
    return { error: error.message, code: error.code };
  }
}

/** Faults of what Baton itself stands on: no model can help it. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  ...['storage_unavailable', 'vectors_unavailable', 'circuit_open', 'overloaded', 'rate_limited'],
]);

/** Not under its own code: what a tool calls is not the model, whose circuit such failures open. */
function passingFailure({ code, message, options: { retryAfterSeconds } }: BatonError): BatonError {
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return new BatonError('node_failed', `A tool failed: ${message}`, { tool_error: code }, { retryable: true, ...wait });
}

function isPassing({ code, options }: BatonError): boolean {
  return options.retryable ?? PASSING_CODES.has(code);
}
