import type { ChatMessage } from '@baton/core';

/** A passage as an agent sees it: cited by its number. */
export interface PromptPassage {
  n: number;
  title: string;
  text: string;
}

/** What an agent is asked. */
export interface AgentPrompt {
  role: string;
  instructions: string;
  question: string;
  passages: readonly PromptPassage[];
  /** The draft to review or to finish. */
  draft?: string | undefined;
  /** What the reviewer said of the draft. */
  review?: string | undefined;
}

/** A message without tools. */
type PromptMessage = ChatMessage & { role: 'system' | 'user' };

const OUR_TAG = /<(?=\/?(?:role|question|passage|draft|review)\b)/g;

/**
 * Writes a prompt as chat messages. The system message names the role and gives the instructions; the user message holds the question, the
 * passages as numbered blocks, then the draft and the review where there are any:
 *
 *     <question>
 *     When does a lock expire?
 *     </question>
 *
 *     <passage n="1" title="Locks">
 *     It expires after …
 *     </passage>
 *
 * No text can close its own block or open another: our tags inside of a text are escaped. {@link readPrompt} gives back the very same prompt.
 */
export function writePrompt({ role, instructions, question, passages, draft, review }: AgentPrompt): PromptMessage[] {
  let asked = writeBlock('question', question);
  for (const { n, title, text } of passages) {
    asked += `\n\n${writeBlock('passage', text, ` n="${n}" title="${escapeAttribute(title)}"`)}`;
  }
  if (draft !== undefined) asked += `\n\n${writeBlock('draft', draft)}`;
  if (review !== undefined) asked += `\n\n${writeBlock('review', review)}`;
  return [
    { role: 'system', content: `${writeBlock('role', role)}\n\n${escapeText(instructions)}` },
    { role: 'user', content: asked },
  ];
}

/** Reads what {@link writePrompt} wrote; null for any other conversation. */
export function readPrompt(messages: readonly ChatMessage[]): AgentPrompt | null {
  const system = messages.find((message) => message.role === 'system')?.content ?? '';
  const role = readBlock(system, 'role');
  // What follows it is the conversation: calls, and what was wrong with an answer.
  const user = messages.find((message) => message.role === 'user')?.content ?? '';
  const question = readBlock(user, 'question');
  if (role === undefined || question === undefined) return null;
  const draft = readBlock(user, 'draft');
  const review = readBlock(user, 'review');
  return {
    role,
    instructions: unescapeText(system.slice(system.indexOf('</role>') + '</role>\n\n'.length)),
    question,
    passages: [...user.matchAll(/<passage n="(\d+)" title="([^"]*)">\n([\s\S]*?)\n<\/passage>/g)].map(([, n, title, text]) => ({
      n: Number(n),
      title: unescapeText(title!),
      text: unescapeText(text!),
    })),
    ...(draft !== undefined && { draft }),
    ...(review !== undefined && { review }),
  };
}

function writeBlock(tag: string, text: string, attributes = ''): string {
  return `<${tag}${attributes}>\n${escapeText(text)}\n</${tag}>`;
}

function readBlock(content: string, tag: string): string | undefined {
  const text = new RegExp(`<${tag}>\\n([\\s\\S]*?)\\n</${tag}>`).exec(content)?.[1];
  return text === undefined ? undefined : unescapeText(text);
}

/** Leaves everything else as it is, so that code in a passage stays readable. */
function escapeText(text: string): string {
  return text.replaceAll(/&(?=(?:amp|lt|quot);)/g, '&amp;').replaceAll(OUR_TAG, '&lt;');
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;');
}

function unescapeText(text: string): string {
  return text.replaceAll(/&(amp|lt|quot);/g, (_, name: string) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '"'));
}
