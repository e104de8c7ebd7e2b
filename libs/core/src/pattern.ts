import { z } from 'zod';
import type { Problem } from './errors.js';
import type { JsonObject, JsonValue } from './json.js';
import { NameSchema } from './workflow-definition.js';

/** A node as a pattern makes it: canonical, not checked yet. */
export type PatternNode = JsonObject & { id: string };

/** What a pattern makes of its parameters: the nodes of a workflow. */
export interface PatternExpansion {
  nodes: PatternNode[];
  /** The node whose output is the run's. */
  output: string;
}

/** Problems have pointers into the parameters. */
export type PatternOutcome = { expansion: PatternExpansion } | { problems: readonly Problem[] };

/**
 * A way for agents to work together. Expanding is pure: the same parameters give the same nodes, and nothing of the pattern is needed to run them.
 * A class of one's own, provided in the API's module, is offered beside the built-in ones.
 */
export abstract class Pattern {
  abstract readonly name: string;
  /** When to take it, in one or two sentences. */
  abstract readonly description: string;
  /** JSON Schema. */
  abstract readonly parameters: JsonObject;
  /** Parameters that work as they stand. */
  abstract readonly example: JsonObject;
  abstract expand(parameters: JsonObject): PatternOutcome;
}

/** A pattern whose parameters have a Zod schema. */
export abstract class TypedPattern<Parameters> extends Pattern {
  protected abstract readonly schema: z.ZodType<Parameters>;

  get parameters(): JsonObject {
    const { $schema: _, ...schema } = z.toJSONSchema(this.schema, { io: 'input' }) as JsonObject;
    return schema;
  }

  expand(parameters: JsonObject): PatternOutcome {
    const { success, data, error } = this.schema.safeParse(parameters);
    if (success) return { expansion: this.expandTyped(data) };
    return {
      problems: error.issues.map(({ path, message }) => ({ pointer: path.map((key) => `/${String(key)}`).join(''), message })),
    };
  }

  protected abstract expandTyped(parameters: Parameters): PatternExpansion;
}

/** A pattern that is kept as data. Wire names. */
export const PatternSpecSchema = z.strictObject({
  name: NameSchema,
  description: z.string().min(1).max(2_000),
  /** JSON Schema of the parameters: an object. */
  parameters: z.record(z.string(), z.json()).default({ type: 'object' }),
  example: z.record(z.string(), z.json()).default({}),
  /**
   * The nodes, with `<% … %>` where a parameter goes: an expression that sees the parameters as `input`. A node with `for_each`, such an expression
   * that gives a list, stands for one node for each of its items, which see `item` and `index`.
   */
  template: z.strictObject({
    nodes: z.array(z.record(z.string(), z.json())).min(1).max(1_000),
    output: z.string().min(1).max(200),
  }),
});

export type PatternSpec = z.infer<typeof PatternSpecSchema>;

/** A pattern as it is kept. Its name is unique within the tenant. */
export interface KeptPattern extends PatternSpec {
  tenantId: string;
  createdAt: number;
  updatedAt: number;
}

/** Patterns as data. */
export abstract class PatternStore {
  /** False: the name is taken. Safe to repeat: an equal one that is there already counts as kept. @throws BatonError `storage_unavailable`. */
  abstract create(pattern: KeptPattern): Promise<boolean>;
  /** Null: there is none of that name. */
  abstract replace(tenantId: string, spec: PatternSpec, at: number): Promise<KeptPattern | null>;
  /** Whether there was one. Workflows that were made of it stay as they are. */
  abstract remove(tenantId: string, name: string): Promise<boolean>;
  abstract find(tenantId: string, name: string): Promise<KeptPattern | null>;
  /** By name. */
  abstract list(tenantId: string, page: { afterName?: string; limit: number }): Promise<KeptPattern[]>;
}

/** Whether a definition is a pattern with its parameters: neither nodes nor tasks. */
export function isPatternDocument(source: JsonValue): source is JsonObject & { orchestration_pattern: string } {
  return (
    patternOf(source) !== null && !Object.hasOwn(source as JsonObject, 'nodes') && !Object.hasOwn(source as JsonObject, 'tasks')
  );
}

/** The pattern that a definition names, bare or under `workflow`; null: none. */
export function namedPattern(source: JsonValue): string | null {
  return patternOf(source) ?? (isObject(source) ? patternOf(source['workflow']) : null);
}

function patternOf(source: JsonValue | undefined): string | null {
  const name = isObject(source) ? source['orchestration_pattern'] : undefined;
  return typeof name === 'string' ? name : null;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
