import { BatonError, type Problem } from './errors.js';
import { compileExpression, type ExpressionScope } from './expression.js';
import { compileTemplate, PARAMETER_MARKS } from './expression-template.js';
import type { JsonObject, JsonValue } from './json.js';
import { compileJsonSchema, type JsonSchema } from './json-schema.js';
import { Pattern, type PatternExpansion, type PatternNode, type PatternOutcome, type PatternSpec } from './pattern.js';

/** Nodes that one `for_each` may stand for. */
const MAX_COPIES = 1_000;
type Given = Pick<ExpressionScope, 'input' | 'item' | 'index'>;
const NO_RUN = { id: '', task_id: null, tenant_id: '', workflow: '' };

/** A pattern that is kept as data: its nodes are a template. */
export class TemplatePattern extends Pattern {
  private constructor(
    private readonly spec: PatternSpec,
    private readonly schema: JsonSchema,
  ) {
    super();
  }

  /** A pattern whose example expands; else what is wrong with it, by pointers into the spec. */
  static read(spec: PatternSpec): { pattern: TemplatePattern } | { problems: readonly Problem[] } {
    const compiled = compileJsonSchema(spec.parameters);
    if ('problem' in compiled) return { problems: [{ pointer: '/parameters', message: compiled.problem }] };
    const pattern = new TemplatePattern(spec, compiled.schema);
    const outcome = pattern.expand(spec.example);
    if (!('problems' in outcome)) return { pattern };
    return { problems: outcome.problems.map(({ pointer, message }) => ({ pointer: `/example${pointer}`, message })) };
  }

  get name(): string {
    return this.spec.name;
  }

  get description(): string {
    return this.spec.description;
  }

  get parameters(): JsonObject {
    return this.spec.parameters;
  }

  get example(): JsonObject {
    return this.spec.example;
  }

  expand(parameters: JsonObject): PatternOutcome {
    const unfit = this.schema.check(parameters);
    if (unfit.length > 0) return { problems: unfit.map((message) => ({ pointer: '', message })) };
    try {
      return { expansion: this.fillTemplate(parameters) };
    } catch (error) {
      if (error instanceof BatonError) return { problems: [{ pointer: '', message: error.message }] };
      throw error;
    }
  }

  /** @throws BatonError of the expression, or `workflow_invalid`. */
  private fillTemplate(parameters: JsonObject): PatternExpansion {
    const { nodes, output } = this.spec.template;
    const filled = fill(output, { input: parameters });
    if (typeof filled !== 'string') throw unusable('`output`', 'is no text');
    return { nodes: nodes.flatMap((node) => copies(node, parameters)), output: filled };
  }
}

/** The nodes that one of the template stands for. */
function copies({ for_each: each, ...node }: JsonObject, parameters: JsonObject): PatternNode[] {
  if (each === undefined) return [fillNode(node, { input: parameters })];
  const items = typeof each === 'string' ? compileExpression(each).evaluate(scopeOf({ input: parameters })) : each;
  if (!Array.isArray(items)) throw unusable('`for_each`', 'is not a list');
  if (items.length > MAX_COPIES) throw unusable('`for_each`', `gives ${items.length} items; at most ${MAX_COPIES} make nodes`);
  return items.map((item, index) => fillNode(node, { input: parameters, item, index }));
}

function fillNode(node: JsonObject, given: Given): PatternNode {
  const { id, ...rest } = fill(node, given) as JsonObject;
  if (typeof id !== 'string') throw unusable('the `id` of a node', 'is no text');
  return { id, ...rest };
}

function fill(json: JsonValue, given: Given): JsonValue {
  return compileTemplate(json, { marks: PARAMETER_MARKS }).evaluate(scopeOf(given));
}

function scopeOf(given: Given): ExpressionScope {
  return { ...given, nodes: {}, run: NO_RUN };
}

function unusable(what: string, problem: string): BatonError {
  return new BatonError('workflow_invalid', `In the template ${what} ${problem}.`, {}, { retryable: false });
}
