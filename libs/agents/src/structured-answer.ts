import type { JsonObject, JsonValue } from '@baton/core';
import type { AgentPrompt, PromptPassage } from './agent-prompt.js';
import { reviewDraft } from './claim-review.js';
import { extractAnswer } from './extractive-answer.js';
import { readSchemaInstruction } from './output-schema.js';

/** What the local model can say under a name. */
const FIELDS: Readonly<Record<string, (prompt: AgentPrompt, schema: JsonObject) => JsonValue>> = {
  subtasks: ({ question, passages }, schema) => {
    const { maxItems } = schema;
    const subjects = new Set([...passages.map(({ title }) => title), ...passages.flatMap(sectionOf)]);
    const parts = [...subjects].slice(0, typeof maxItems === 'number' ? maxItems : undefined);
    return parts.length === 0 ? [question] : parts.map((subject) => `${question} (${subject})`);
  },
  answer: (prompt) => extractAnswer(prompt),
  agree: ({ draft }) => draft !== undefined,
  accepted: ({ draft }) => draft !== undefined,
  feedback: (prompt) => reviewDraft(prompt),
};

/** The innermost heading above a passage, where it has any below its title. */
function sectionOf({ title, text }: PromptPassage): string[] {
  const [headings = ''] = text.split('\n', 1);
  return headings.startsWith(`${title} > `) ? [headings.split(' > ').at(-1)!] : [];
}

/** What the local model answers where JSON is wanted whose every field it knows; null: it does not know them. */
export function structuredAnswer(prompt: AgentPrompt): string | null {
  const schema = readSchemaInstruction(prompt.instructions);
  const properties = Object.entries((schema?.['properties'] ?? {}) as Record<string, JsonObject>);
  if (properties.length === 0 || properties.some(([name]) => !Object.hasOwn(FIELDS, name))) return null;
  return JSON.stringify(Object.fromEntries(properties.map(([name, field]) => [name, FIELDS[name]!(prompt, field)])));
}
