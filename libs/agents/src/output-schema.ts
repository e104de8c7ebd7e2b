import type { JsonObject, JsonSchema, JsonValue } from '@baton/core';

const FENCED = /^```(?:json)?[^\S\n]*\n([\s\S]*)\n```$/;

const INSTRUCTION = 'Answer with JSON alone, without any other text. It must fit this JSON Schema:\n';

/** The schema that instructions ask for; null: none. */
export function readSchemaInstruction(instructions: string): JsonObject | null {
  const at = instructions.lastIndexOf(INSTRUCTION);
  return at === -1 ? null : ((parseJson(instructions.slice(at + INSTRUCTION.length)) ?? null) as JsonObject | null);
}

/** The shape that an agent's answer must have: JSON, and nothing else. */
export class OutputSchema {
  constructor(private readonly schema: JsonSchema) {}

  /** Said to the model beside its instructions. */
  get instruction(): string {
    return INSTRUCTION + JSON.stringify(this.schema.json);
  }

  /** The JSON of an answer, or what is wrong with it. */
  read(answer: string): { data: JsonValue } | { problem: string } {
    const text = answer.trim();
    const data = parseJson(FENCED.exec(text)?.[1] ?? text);
    if (data === undefined) return { problem: 'the answer is not JSON' };
    const problems = this.schema.check(data);
    return problems.length === 0 ? { data } : { problem: problems.join('; ') };
  }

  /** What the model is told of an answer that does not fit. */
  correction(problem: string): string {
    const { example } = this.schema;
    const shown = example === undefined ? '' : `\nAn answer of the right form: ${JSON.stringify(example)}`;
    return `Your answer does not fit: ${problem}.${shown}\nAnswer again with JSON alone that fits.`;
  }
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
