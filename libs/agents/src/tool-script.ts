import type { ChatMessage, ChatTool, ToolCall } from '@baton/core';

const SCRIPT_LINE = /^@(call!?|also|answer) (.+)$/gm;
const CALL = /^(\S+) (.+)$/;

/** What the local model says in one turn. */
export type ScriptedTurn = { calls: ToolCall[] } | { answer: string };

interface ScriptTurn {
  calls: { name: string; arguments: string }[];
  answer: string | null;
  /** Also of a tool that is not offered. */
  forced: boolean;
}

/**
 * What the local model is told to say, turn by turn, by lines of its instructions: `@call <tool> <arguments>` asks for a tool, `@also <tool>
 * <arguments>` for another one in the same turn, `@answer <text>` answers. Arguments go to the tool as they stand, JSON or not. A turn is left out
 * where the tool that it begins with is not offered; `@call!` asks for it all the same. Null: nothing is left to say.
 */
export function nextScriptedTurn(
  instructions: string,
  tools: readonly ChatTool[],
  messages: readonly ChatMessage[],
): ScriptedTurn | null {
  const said = messages.filter(({ role }) => role === 'assistant');
  const answered = said.filter(({ toolCalls = [] }) => toolCalls.length === 0);
  const turns = readScript(instructions).filter(({ calls: [first], answer, forced }) => {
    return answer !== null || (tools.length > 0 && (forced || tools.some(({ name }) => name === first!.name)));
  });
  const turn = turns[tools.length > 0 ? said.length : answered.length];
  if (turn === undefined) return null;
  if (turn.answer !== null) return { answer: turn.answer };
  return { calls: turn.calls.map((call, index) => ({ id: callId(said.length + 1, index), ...call })) };
}

function readScript(instructions: string): ScriptTurn[] {
  const turns: ScriptTurn[] = [];
  for (const [, verb, text] of instructions.matchAll(SCRIPT_LINE)) {
    if (verb === 'answer') {
      turns.push({ calls: [], answer: text!, forced: false });
      continue;
    }
    const [, name, args] = CALL.exec(text!) ?? [];
    if (name === undefined || args === undefined) continue;
    const call = { name, arguments: args };
    const last = turns.at(-1);
    if (verb === 'also' && last?.answer === null) last.calls.push(call);
    else turns.push({ calls: [call], answer: null, forced: verb === 'call!' });
  }
  return turns;
}

function callId(turn: number, index: number): string {
  return index === 0 ? `call-${turn}` : `call-${turn}-${index + 1}`;
}

/** What the tools have said, one line each: how a scripted conversation ends. Null: none was asked. */
export function reportOfTools(messages: readonly ChatMessage[]): string | null {
  const names = new Map(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name])));
  const lines = messages.flatMap(({ role, callId: id = '', content }) =>
    role === 'tool' ? [`${names.get(id) ?? 'tool'}: ${content}`] : [],
  );
  return lines.length === 0 ? null : lines.join('\n');
}
