import { BatonError } from './errors.js';
import { compileExpression, type Expression, type ExpressionProblem, type ExpressionScope } from './expression.js';
import { chargeShallow, TooMuchWork, withBudget } from './expression-cost.js';
import type { JsonObject, JsonValue } from './json.js';

/** JSON with `${{ … }}` in its texts, compiled. A text that is one placeholder becomes its value; a mixed text stays text. */
export interface Template {
  /** Every node that it names. */
  readonly nodeIds: readonly string[];
  /** Without placeholders: the same for every scope. */
  readonly isConstant: boolean;
  /** @throws BatonError `expression_failed`. */
  evaluate(scope: ExpressionScope): JsonValue;
}

/** A problem of a placeholder: where in the JSON, and where in that text. */
export interface TemplateProblem {
  /** JSON pointer from the template's root. */
  pointer: string;
  start: number;
  end: number;
  message: string;
}

const MAX_PLACEHOLDERS = 500;
/** What all of its placeholders may do together, and what texts may come of them: see {@link withBudget}. */
const BUDGET = 1_000_000;
/** What a placeholder stands between. */
export interface TemplateMarks {
  opening: string;
  closing: string;
}

const RUN_MARKS: TemplateMarks = { opening: '${{', closing: '}}' };
/** Of what a pattern's parameters fill, before a run fills the others. */
export const PARAMETER_MARKS: TemplateMarks = { opening: '<%', closing: '%>' };
/** Places at which a placeholder may turn out to end. */
const MAX_ENDINGS = 8;

type Part = (scope: ExpressionScope) => JsonValue;

/**
 * Compiles a template. `verbatim` names keys at its top whose values stay as they are.
 * @throws BatonError `expression_invalid` for the first placeholder that is wrong; {@link checkTemplate} tells all.
 */
export function compileTemplate(
  json: JsonValue,
  options: { verbatim?: readonly string[]; marks?: TemplateMarks } = {},
): Template {
  const compiler = new TemplateCompiler(options.marks);
  const part = compiler.compile(json, '', options.verbatim ?? []);
  const [problem] = compiler.problems;
  if (problem !== undefined) {
    const { message, ...place } = problem;
    throw new BatonError('expression_invalid', message, { ...place }, { retryable: false });
  }
  const nodeIds = [...new Set(compiler.expressions.flatMap((expression) => expression.nodeIds))];
  return { nodeIds, isConstant: part === null, evaluate: part === null ? () => json : bounded(part) };
}

function bounded(part: Part): Part {
  return (scope) => {
    try {
      return withBudget(() => part(scope), BUDGET);
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      const message = 'the placeholders make more text than they may together; refer to what is large instead of writing it out';
      throw new BatonError('expression_failed', message, {}, { retryable: false });
    }
  };
}

/** Every problem of a template, with the nodes that its sound placeholders name, by pointer. */
export function checkTemplate(
  json: JsonValue,
  options: { verbatim?: readonly string[] } = {},
): { problems: readonly TemplateProblem[]; references: readonly { pointer: string; nodeIds: readonly string[] }[] } {
  const compiler = new TemplateCompiler();
  compiler.compile(json, '', options.verbatim ?? []);
  return { problems: compiler.problems, references: compiler.references };
}

class TemplateCompiler {
  readonly problems: TemplateProblem[] = [];
  readonly expressions: Expression[] = [];
  readonly references: { pointer: string; nodeIds: readonly string[] }[] = [];

  constructor(private readonly marks: TemplateMarks = RUN_MARKS) {}

  /** Null for JSON without placeholders. */
  compile(json: JsonValue, pointer: string, verbatim: readonly string[]): Part | null {
    if (typeof json === 'string') return json.includes(this.marks.opening) ? this.compileText(json, pointer) : null;
    if (Array.isArray(json)) {
      const parts = json.map((item, index) => this.compile(item, `${pointer}/${index}`, []));
      if (parts.every((part) => part === null)) return null;
      const filled = parts.map((part, index) => part ?? (() => json[index]!));
      return (scope) => filled.map((part) => part(scope));
    }
    return json !== null && typeof json === 'object' ? this.compileObject(json, pointer, verbatim) : null;
  }

  private compileObject(json: JsonObject, pointer: string, verbatim: readonly string[]): Part | null {
    const entries = Object.entries(json).map(([key, value]) => {
      const part = verbatim.includes(key) ? null : this.compile(value, `${pointer}/${escapePointer(key)}`, []);
      return { key, part: part ?? (() => value), isConstant: part === null };
    });
    if (entries.every(({ isConstant }) => isConstant)) return null;
    return (scope) => Object.fromEntries(entries.map(({ key, part }) => [key, part(scope)]));
  }

  private compileText(text: string, pointer: string): Part {
    const pieces: (string | Expression)[] = [];
    let end = 0;
    const { opening } = this.marks;
    for (let start = text.indexOf(opening); start !== -1; start = text.indexOf(opening, end)) {
      if (start > end) pieces.push(text.slice(end, start));
      const placeholder = this.compilePlaceholder(text, start + opening.length, pointer);
      if (placeholder.expression !== null) pieces.push(placeholder.expression);
      end = placeholder.end;
    }
    if (end < text.length) pieces.push(text.slice(end));
    const [only] = pieces;
    if (pieces.length === 1 && typeof only === 'object') return (scope) => only.evaluate(scope);
    return (scope) =>
      pieces.map((piece) => (typeof piece === 'string' ? piece : chargeShallow(toText(piece.evaluate(scope))))).join('');
  }

  /** Its end is the first `}}` with which it is an expression, since `}}` may also stand within one; without any, the first of all. */
  private compilePlaceholder(text: string, start: number, pointer: string): { expression: Expression | null; end: number } {
    if (this.expressions.length >= MAX_PLACEHOLDERS) {
      this.problems.push({ pointer, start, end: text.length, message: `more than ${MAX_PLACEHOLDERS} placeholders` });
      return { expression: null, end: text.length };
    }
    const { opening, closing } = this.marks;
    let first: { problem: TemplateProblem; end: number } | null = null;
    let close = text.indexOf(closing, start);
    for (let tries = 0; close !== -1 && tries < MAX_ENDINGS; tries += 1, close = text.indexOf(closing, close + 1)) {
      const end = close + closing.length;
      const outcome = tryCompile(text.slice(start, close));
      if ('expression' in outcome) {
        this.expressions.push(outcome.expression);
        this.references.push({ pointer, nodeIds: outcome.expression.nodeIds });
        return { expression: outcome.expression, end };
      }
      const { problem } = outcome;
      first ??= { problem: { ...problem, pointer, start: problem.start + start, end: problem.end + start }, end };
    }
    const message = `\`${opening}\` without \`${closing}\``;
    const unclosed = { pointer, start: start - opening.length, end: text.length, message };
    this.problems.push(first?.problem ?? unclosed);
    return { expression: null, end: first?.end ?? text.length };
  }
}

function tryCompile(source: string): { expression: Expression } | { problem: ExpressionProblem } {
  try {
    return { expression: compileExpression(source.trim()) };
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    const shift = source.length - source.trimStart().length;
    const { start, end } = error.context as { start: number; end: number };
    return { problem: { start: start + shift, end: end + shift, message: error.message } };
  }
}

/** A key as a step of a JSON pointer. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function toText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
