import { BatonError, type Problem } from './errors.js';
import { compileExpression, type ExpressionScope } from './expression.js';
import { chargeDeep, TooMuchWork, withBudget } from './expression-cost.js';
import { compileTemplate, PARAMETER_MARKS, type Template } from './expression-template.js';
import type { JsonObject, JsonValue } from './json.js';
import { compileJsonSchema } from './json-schema.js';
import { Pattern, type PatternExpansion, type PatternNode, type PatternOutcome, type PatternSpec } from './pattern.js';

/** Nodes that one `for_each` may stand for. */
const MAX_COPIES = 1_000;
/** What an expansion may do and hold: about a million values, or a text of 64 million characters. */
const BUDGET = 1_000_000;
type Given = Pick<ExpressionScope, 'input' | 'item' | 'index'>;
const NO_RUN = { id: '', task_id: null, tenant_id: '', workflow: '' };

/** A pattern that is kept as data: its nodes are a template. */
export class TemplatePattern extends Pattern {
  /** Of a spec that has been read before, see {@link read}: its example is not expanded again. */
  constructor(private readonly spec: PatternSpec) {
    super();
  }

  /** A pattern whose example expands; else what is wrong with it, by pointers into the spec. */
  static read(spec: PatternSpec): { pattern: TemplatePattern } | { problems: readonly Problem[] } {
    const compiled = compileJsonSchema(spec.parameters);
    if ('problem' in compiled) return { problems: [{ pointer: '/parameters', message: compiled.problem }] };
    const pattern = new TemplatePattern(spec);
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
    const compiled = compileJsonSchema(this.spec.parameters);
    if ('problem' in compiled) return onlyProblem(compiled.problem);
    const unfit = compiled.schema.check(parameters);
    if (unfit.length > 0) return { problems: unfit.map((message) => ({ pointer: '', message })) };
    try {
      return { expansion: withBudget(() => this.fillTemplate(parameters), BUDGET) };
    } catch (error) {
      if (error instanceof TooMuchWork) return onlyProblem('they make more nodes and text than a pattern may make');
      if (error instanceof BatonError) return onlyProblem(error.message);
      throw error;
    }
  }

  /** @throws BatonError of the expression, or `workflow_invalid`. */
  private fillTemplate(parameters: JsonObject): PatternExpansion {
    const { nodes, output } = this.spec.template;
    const filled = compile(output).evaluate(scopeOf({ input: parameters }));
    if (typeof filled !== 'string') throw unusable('`output`', 'is no text');
    return { nodes: nodes.flatMap((node) => copies(node, parameters)), output: filled };
  }
}

/** The nodes that one of the template stands for. */
function copies({ for_each: each, ...node }: JsonObject, parameters: JsonObject): PatternNode[] {
  const template = compile(node);
  if (each === undefined) return [fillNode(template, { input: parameters })];
  const items = typeof each === 'string' ? compileExpression(each).evaluate(scopeOf({ input: parameters })) : each;
  if (!Array.isArray(items)) throw unusable('`for_each`', 'is not a list');
  if (items.length > MAX_COPIES) throw unusable('`for_each`', `gives ${items.length} items; at most ${MAX_COPIES} make nodes`);
  return items.map((item, index) => fillNode(template, { input: parameters, item, index }));
}

/** Charged for all that the node holds: what many nodes share is written out for each in the end. */
function fillNode(template: Template, given: Given): PatternNode {
  const { id, ...rest } = chargeDeep(template.evaluate(scopeOf(given))) as JsonObject;
  if (typeof id !== 'string') throw unusable('the `id` of a node', 'is no text');
  return { id, ...rest };
}

function compile(json: JsonValue): Template {
  return compileTemplate(json, { marks: PARAMETER_MARKS });
}

function scopeOf(given: Given): ExpressionScope {
  return { ...given, nodes: {}, run: NO_RUN };
}

function onlyProblem(message: string): PatternOutcome {
  return { problems: [{ pointer: '', message }] };
}

function unusable(what: string, problem: string): BatonError {
  return new BatonError('workflow_invalid', `In the template ${what} ${problem}.`, {}, { retryable: false });
}
