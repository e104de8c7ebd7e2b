import { z } from 'zod';
import type { DefinitionProblem } from './definition-problem.js';
import type { JsonObject } from './json.js';
import type { Pattern, PatternNode } from './pattern.js';
import { NameSchema, WorkflowDefinitionSchema } from './workflow-definition.js';

/** A workflow told as a pattern and its parameters; all else that concerns the run stands beside them. */
const PatternDocumentSchema = WorkflowDefinitionSchema.omit({ nodes: true, coordination: true }).extend({
  orchestration_pattern: NameSchema,
  parameters: z.record(z.string(), z.json()).default({}),
});

/** A definition in canonical form, not checked yet. */
interface Expansion {
  definition: JsonObject | null;
  problems: DefinitionProblem[];
  issues: readonly z.core.$ZodIssue[];
}

/** Expands a workflow of a pattern to the canonical form. Pointers lead into the document. */
export function expandPatternDocument(source: JsonObject, pattern: Pattern): Expansion {
  const parsed = PatternDocumentSchema.safeParse(source);
  if (!parsed.success) return { definition: null, problems: [], issues: parsed.error.issues };
  const { parameters, output, ...rest } = parsed.data;
  const outcome = pattern.expand(parameters);
  if ('problems' in outcome) {
    const problems = outcome.problems.map(({ pointer, message }): DefinitionProblem => {
      const remedy = `See the parameters of \`${pattern.name}\` in GET /api/v1/patterns/available.`;
      return { pointer: `/parameters${pointer}`, code: 'schema', message, remedy };
    });
    return { definition: null, problems, issues: [] };
  }
  const { expansion } = outcome;
  const definition = {
    ...withoutUndefined(rest),
    nodes: expansion.nodes,
    output: output ?? expansion.output,
    coordination: { parameters },
  };
  return { definition, problems: [], issues: [] };
}

/** What is wrong with a node that a pattern has made is wrong with its parameters. */
export function toParameters(problem: DefinitionProblem, definition: JsonObject): DefinitionProblem {
  const [, index, rest = ''] = /^\/nodes\/(\d+)(.*)$/s.exec(problem.pointer) ?? [];
  if (index === undefined) return problem;
  const { id } = (definition['nodes'] as PatternNode[])[Number(index)]!;
  const place = `node \`${id}\`${rest === '' ? '' : ` at ${rest}`}`;
  return { ...problem, pointer: '/parameters', message: `${place}: ${problem.message}` };
}

function withoutUndefined(entries: Record<string, JsonObject[string] | undefined>): JsonObject {
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, JsonObject[string]] => entry[1] !== undefined),
  );
}
