import { Duration } from '@marcbachmann/cel-js/evaluator';
import {
  Environment,
  EvaluationError,
  Optional,
  ParseError,
  TypeError as CelTypeError,
  type ASTNode,
} from '@marcbachmann/cel-js';
import { BatonError } from './errors.js';
import { chargeDeep, chargeShallow, joinWithin, withBudget } from './expression-cost.js';
import { instrument, readReferences } from './expression-syntax.js';
import type { JsonValue } from './json.js';

/** What an expression may look at. Absent parts are null. */
export interface ExpressionScope {
  input: JsonValue;
  /** By node id; only the nodes of {@link Expression.nodeIds} are looked at. */
  nodes: Readonly<Record<string, { output: JsonValue; status: string; error: JsonValue }>>;
  run: { id: string; task_id: string | null; tenant_id: string; workflow: string };
  /** Of a map: the item and its place. */
  item?: JsonValue;
  index?: number;
  /** Of a loop: which visit this is, from 1, and the output of the one before. */
  visit?: number;
  last?: JsonValue;
  /** Of a node that has called somebody: the answer. */
  response?: JsonValue;
}

/** A compiled expression: typed, without side effects, of bounded cost. Immutable. */
export interface Expression {
  readonly text: string;
  /** The nodes that it names: all that `scope.nodes` must hold. */
  readonly nodeIds: readonly string[];
  /** @throws BatonError `expression_failed`: a missing key, a wrong type, or more work than an expression may do. */
  evaluate(scope: ExpressionScope): JsonValue;
  /** Like `evaluate`, for a condition: what is neither true nor false is an error. */
  test(scope: ExpressionScope): boolean;
}

/** Where in its text an expression is wrong; offsets in characters, from 0. */
export interface ExpressionProblem {
  start: number;
  end: number;
  message: string;
}

export const MAX_EXPRESSION_CHARS = 4_096;
/** Characters of a result, keys included. */
const MAX_RESULT_CHARS = 1_048_576;

const VARIABLES = ['input', 'nodes', 'run', 'item', 'index', 'visit', 'last', 'response'] as const;

const environment = buildEnvironment();
/** Reads what {@link instrument} wrote, which is longer and deeper than its source. */
const chargedEnvironment = environment.clone({ limits: { maxAstNodes: 10_000, maxDepth: 2_000 } });

/**
 * CEL over JSON: numbers of JSON are doubles, and arithmetic mixes them with whole-number literals. Without `matches`, because a regular
 * expression has no bound.
 */
function buildEnvironment(): Environment {
  const built = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 500, maxDepth: 50, maxListElements: 200, maxMapEntries: 200 },
  });
  for (const name of VARIABLES) built.registerVariable(name, 'dyn');
  const arithmetic: Record<string, (left: number, right: number) => number> = {
    '+': (left, right) => left + right,
    '-': (left, right) => left - right,
    '*': (left, right) => left * right,
    '/': (left, right) => left / right,
    '%': (left, right) => left % right,
  };
  for (const [operator, compute] of Object.entries(arithmetic)) {
    const handler = (left: number | bigint, right: number | bigint): number => compute(Number(left), Number(right));
    built.registerOperator(`double ${operator} int: double`, handler);
    built.registerOperator(`int ${operator} double: double`, handler);
  }
  built.registerOperator('double % double: double', (left: number, right: number) => left % right);
  built.registerFunction('cost_(dyn): dyn', chargeShallow);
  built.registerFunction('cost_deep_(dyn): dyn', chargeDeep);
  built.registerFunction('list.join_(string): string', joinWithin);
  return built;
}

/**
 * Compiles an expression.
 * @throws BatonError `expression_invalid`; its context holds `start` and `end`, the place in the text.
 */
export function compileExpression(text: string): Expression {
  if (text.length > MAX_EXPRESSION_CHARS) {
    throw invalid(text, {
      start: MAX_EXPRESSION_CHARS,
      end: text.length,
      message: `longer than ${MAX_EXPRESSION_CHARS} characters`,
    });
  }
  const { ast, nodeIds, problems } = parse(text);
  if (problems.length > 0) throw invalid(text, problems[0]!);
  const isPath = isAccessPath(ast);
  const run = isPath ? environment.parse(text) : chargedEnvironment.parse(instrument(ast));
  const evaluate = (scope: ExpressionScope): JsonValue => {
    try {
      const context = {
        ...scope,
        item: scope.item ?? null,
        index: scope.index ?? null,
        visit: scope.visit ?? 1,
        last: scope.last ?? null,
        response: scope.response ?? null,
      };
      if (isPath) return run(context) as JsonValue;
      return toJsonValue(
        withBudget(() => run(context) as unknown),
        { left: MAX_RESULT_CHARS },
      );
    } catch (error) {
      throw failed(text, error);
    }
  };
  return {
    text,
    nodeIds,
    evaluate,
    test: (scope) => {
      const value = evaluate(scope);
      if (typeof value !== 'boolean')
        throw failed(text, new Error(`a condition must be true or false, not ${JSON.stringify(value).slice(0, 100)}`));
      return value;
    },
  };
}

/** Every problem of an expression that can be told without evaluating it. */
export function checkExpression(text: string): ExpressionProblem[] {
  try {
    compileExpression(text);
    return [];
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    const { start, end } = error.context as { start: number; end: number };
    return [{ start, end, message: error.message }];
  }
}

function parse(text: string): { ast: ASTNode; nodeIds: readonly string[]; problems: readonly ExpressionProblem[] } {
  try {
    const parsed = environment.parse(text);
    const { nodeIds, problems } = readReferences(parsed.ast, VARIABLES);
    const { error } = problems.length > 0 ? { error: undefined } : parsed.check();
    if (error !== undefined) throw error;
    return { ast: parsed.ast, nodeIds, problems };
  } catch (error) {
    throw invalid(text, problemOf(text, error));
  }
}

function problemOf(text: string, error: unknown): ExpressionProblem {
  const known = error instanceof ParseError || error instanceof EvaluationError || error instanceof CelTypeError ? error : null;
  return {
    start: known?.range?.start ?? 0,
    end: known?.range?.end ?? text.length,
    message: known?.summary ?? (error instanceof Error ? error.message : String(error)),
  };
}

function invalid(text: string, { start, end, message }: ExpressionProblem): BatonError {
  return new BatonError(
    'expression_invalid',
    `${message} (at ${start})`,
    { expression: text.slice(0, 200), start, end },
    { retryable: false },
  );
}

function failed(text: string, error: unknown): BatonError {
  if (error instanceof BatonError) return error;
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new BatonError(
    'expression_failed',
    `\`${shown}\`: ${problemOf(text, error).message}`,
    {},
    { cause: error, retryable: false },
  );
}

/** `input.a.b`, `nodes["x"].output`: what it gives is a part of the scope and needs no conversion. */
function isAccessPath(ast: ASTNode): boolean {
  if (ast.op === 'id') return true;
  if (ast.op === '.') return isAccessPath(ast.args[0]);
  return ast.op === '[]' && isAccessPath(ast.args[0]) && (ast.args[1].op === 'value' || isAccessPath(ast.args[1]));
}

/** Values of CEL as JSON: integers become numbers, instants text, durations seconds. Bounded in size. */
function toJsonValue(value: unknown, budget: { left: number }): JsonValue {
  const spend = (chars: number): void => {
    budget.left -= chars;
    if (budget.left < 0) throw new Error(`the result has more than ${MAX_RESULT_CHARS} characters`);
  };
  spend(1);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    spend(value.length);
    return value;
  }
  if (typeof value === 'number' || typeof value === 'bigint') return finite(Number(value));
  if (Array.isArray(value)) return value.map((inner) => toJsonValue(inner, budget));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Duration) return Number(value.seconds) + value.nanos / 1e9;
  if (value instanceof Optional) return value.hasValue() ? toJsonValue(value.value(), budget) : null;
  if (value instanceof Map || isPlainObject(value)) {
    const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, inner]): [string, JsonValue] => {
        spend(String(key).length);
        return [String(key), toJsonValue(inner, budget)];
      }),
    );
  }
  throw new Error(`the result is no JSON value`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** JSON has no infinity and no NaN. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error('the result is not a finite number');
  return value;
}
