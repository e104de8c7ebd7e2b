import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  canonicalJson,
  compileExpression,
  type Expression,
  type ExpressionScope,
  type JsonObject,
  type JsonValue,
} from '@baton/core';
import type { PipelineArguments, PipelineStep, RowSource } from './pipeline-step.js';

const MAX_ROWS = 10_000;
const MAX_EVALUATIONS = 100_000;
/** Of computing, in all. */
const MAX_CPU_MS = 5_000;
/** Until others get their turn. */
const TURN_MS = 10;

/** What a pipeline looks at besides its rows. */
export interface PipelineScope {
  readonly scope: Pick<ExpressionScope, 'input' | 'run'>;
  /** Evaluates where rows come from. */
  evaluate(expression: string): JsonValue;
}

/** A step that cannot be done, in words for who has written it. */
export class PipelineError extends Error {}

/**
 * Rows through a sequence of steps that are data: no code, no effects, bounded in rows, evaluations and time.
 * @throws PipelineError naming the step.
 */
export async function runPipeline(
  { steps, ...source }: PipelineArguments,
  scope: PipelineScope,
  signal: AbortSignal,
): Promise<JsonValue[]> {
  return new PipelineRun(scope, signal).run(source, steps);
}

class PipelineRun {
  private evaluations = 0;
  private cpuMicros = 0;
  private turnBegan = performance.now();
  private turnCpu = process.threadCpuUsage();
  private at = 'the source';

  constructor(
    private readonly parts: PipelineScope,
    private readonly signal: AbortSignal,
  ) {}

  async run(source: RowSource, steps: readonly PipelineStep[]): Promise<JsonValue[]> {
    try {
      let rows = this.rowsOf(source);
      for (const [index, step] of steps.entries()) {
        this.at = `step ${index + 1} (${step.op})`;
        rows = this.bounded(await this.take(step, rows));
      }
      return rows;
    } catch (error) {
      this.signal.throwIfAborted();
      throw new PipelineError(`${this.at}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  private async take(step: PipelineStep, rows: JsonValue[]): Promise<JsonValue[]> {
    switch (step.op) {
      case 'filter': {
        const kept = await this.each(rows, step.where);
        return rows.filter((_, index) => isTrue(kept[index]!));
      }
      case 'map':
        return typeof step.to === 'string' ? this.each(rows, step.to) : this.eachRecord(rows, step.to);
      case 'pick':
        return rows.map((row) => pickFields(row, step.fields));
      case 'flatten':
        return (await this.each(rows, step.of)).flatMap(listOf);
      case 'sort':
        return sorted(rows, await this.each(rows, step.by), step.descending);
      case 'distinct':
        return distinct(rows, await this.each(rows, step.by));
      case 'limit':
        return rows.slice(step.offset, step.offset + step.count);
      case 'aggregate':
        return this.aggregate(rows, step);
      case 'join':
        return this.join(rows, step);
    }
  }

  private async aggregate(rows: JsonValue[], step: Extract<PipelineStep, { op: 'aggregate' }>): Promise<JsonValue[]> {
    const keys = await this.eachRecord(rows, step.group_by);
    const values = await Promise.all(
      Object.entries(step.values).map(async ([name, { fn, of }]) => {
        return { name, fn, of: of === undefined ? rows : await this.each(rows, of) };
      }),
    );
    const groups = Map.groupBy(rows.keys(), (index) => canonicalJson(keys[index]!));
    const isWhole = Object.keys(step.group_by).length === 0;
    if (isWhole && groups.size === 0) groups.set('{}', []);
    return [...groups.values()].map((indexes) => ({
      ...(isWhole ? {} : (keys[indexes[0]!] as JsonObject)),
      ...Object.fromEntries(values.map(({ name, fn, of }) => [name, AGGREGATES[fn](indexes.map((index) => of[index]!))])),
    }));
  }

  private async join(rows: JsonValue[], step: Extract<PipelineStep, { op: 'join' }>): Promise<JsonValue[]> {
    const others = this.rowsOf(step.with);
    const [left, right] = [await this.each(rows, step.left), await this.each(others, step.right)];
    const byKey = Map.groupBy(others.keys(), (index) => canonicalJson(right[index]!));
    const joined: JsonValue[] = [];
    for (const [index, row] of rows.entries()) {
      const matches: (JsonValue | undefined)[] = (byKey.get(canonicalJson(left[index]!)) ?? []).map((place) => others[place]);
      if (matches.length === 0 && step.keep_unmatched) matches.push(null);
      for (const match of matches) joined.push({ ...asObject(row), [step.as]: match! });
      this.bounded(joined);
    }
    return joined;
  }

  private rowsOf({ from, rows }: RowSource): JsonValue[] {
    const list = from === undefined ? (rows as JsonValue[]) : this.parts.evaluate(from);
    if (!Array.isArray(list)) throw new Error(`\`${from}\` does not give a list`);
    return this.bounded(list);
  }

  private bounded(rows: JsonValue[]): JsonValue[] {
    if (rows.length > MAX_ROWS) throw new Error(`more than ${MAX_ROWS} rows`);
    return rows;
  }

  /** What each row gives. */
  private async each(rows: readonly JsonValue[], text: string): Promise<JsonValue[]> {
    const expression = compileRow(text);
    const results: JsonValue[] = [];
    for (const [index, item] of rows.entries()) {
      this.evaluations += 1;
      if (this.evaluations > MAX_EVALUATIONS) throw new Error(`more than ${MAX_EVALUATIONS} evaluations in all`);
      results.push(expression.evaluate({ ...this.parts.scope, nodes: {}, item, index }));
      await this.yieldTurn();
    }
    return results;
  }

  private async eachRecord(rows: readonly JsonValue[], record: Readonly<Record<string, string>>): Promise<JsonObject[]> {
    const made: JsonObject[] = rows.map(() => ({}));
    for (const [name, text] of Object.entries(record)) {
      for (const [index, value] of (await this.each(rows, text)).entries()) made[index]![name] = value;
    }
    return made;
  }

  /** Lets others work, where it has worked for a while. */
  private async yieldTurn(): Promise<void> {
    if (performance.now() - this.turnBegan < TURN_MS) return;
    const { user, system } = process.threadCpuUsage(this.turnCpu);
    this.cpuMicros += user + system;
    if (this.cpuMicros > MAX_CPU_MS * 1_000) throw new Error(`more than ${MAX_CPU_MS} ms of work`);
    await nextTurn();
    this.signal.throwIfAborted();
    this.turnBegan = performance.now();
    this.turnCpu = process.threadCpuUsage();
  }
}

/** A row's expression sees the row, not the nodes of the run: those are joined. */
function compileRow(text: string): Expression {
  const expression = compileExpression(text);
  if (expression.nodeIds.length > 0) throw new Error(`\`${text}\` names a node: take its output by \`from\`, or join it`);
  return expression;
}

/** Without nulls, but for `first` and `list`. */
const AGGREGATES: Readonly<Record<'count' | 'sum' | 'avg' | 'min' | 'max' | 'first' | 'list', (of: JsonValue[]) => JsonValue>> = {
  count: (of) => present(of).length,
  sum: (of) => sumOf(present(of)),
  avg: (of) => (present(of).length === 0 ? null : sumOf(present(of)) / present(of).length),
  min: (of) => present(of).sort(compare)[0] ?? null,
  max: (of) => present(of).sort(compare).at(-1) ?? null,
  first: (of) => of[0] ?? null,
  list: (of) => of,
};

function present(values: readonly JsonValue[]): JsonValue[] {
  return values.filter((value) => value !== null);
}

function sumOf(values: readonly JsonValue[]): number {
  return values.reduce<number>((sum, value) => {
    if (typeof value !== 'number') throw new Error(`${shown(value)} is not a number`);
    return sum + value;
  }, 0);
}

function isTrue(value: JsonValue): boolean {
  if (typeof value !== 'boolean') throw new Error(`a condition must be true or false, not ${shown(value)}`);
  return value;
}

function listOf(value: JsonValue): JsonValue[] {
  if (!Array.isArray(value)) throw new Error(`${shown(value)} is not a list`);
  return value;
}

function asObject(row: JsonValue): JsonObject {
  if (row === null || typeof row !== 'object' || Array.isArray(row)) throw new Error(`the row ${shown(row)} has no fields`);
  return row;
}

function pickFields(row: JsonValue, fields: readonly string[]): JsonObject {
  const from = asObject(row);
  return Object.fromEntries(fields.map((field) => [field, Object.hasOwn(from, field) ? from[field]! : null]));
}

/** Stable. */
function sorted(rows: readonly JsonValue[], keys: readonly JsonValue[], descending: boolean): JsonValue[] {
  const sign = descending ? -1 : 1;
  return [...rows.keys()].sort((a, b) => sign * compare(keys[a]!, keys[b]!)).map((index) => rows[index]!);
}

function distinct(rows: readonly JsonValue[], keys: readonly JsonValue[]): JsonValue[] {
  const seen = new Set<string>();
  return rows.filter((_, index) => {
    const key = canonicalJson(keys[index]!);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const TYPE_ORDER = ['boolean', 'number', 'string', 'object'];

/** Numbers by size, text by its characters; unlike types in a fixed order, null last. */
function compare(one: JsonValue, other: JsonValue): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (typeof one !== typeof other) return TYPE_ORDER.indexOf(typeof one) - TYPE_ORDER.indexOf(typeof other);
  const [a, b] = typeof one === 'object' ? [canonicalJson(one), canonicalJson(other)] : [one, other as typeof one];
  return a < b ? -1 : Number(a > b);
}

function shown(value: JsonValue): string {
  return JSON.stringify(value).slice(0, 100);
}
