import { applyPatch } from 'rfc6902';
import { z } from 'zod';
import type { Problem } from './errors.js';
import type { JsonValue } from './json.js';
import { canonicalJson } from './workflow-definition.js';

/** A pointer as RFC 6901 writes it. */
const PointerText = z
  .string()
  .max(1_024)
  .regex(/^(\/([^~/]|~[01])*)*$/, 'not a JSON pointer (RFC 6901)');

/** One operation of RFC 6902; members that its kind does not know are ignored. */
export const PatchOperationSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('add'), path: PointerText, value: z.json() }),
  z.object({ op: z.literal('remove'), path: PointerText }),
  z.object({ op: z.literal('replace'), path: PointerText, value: z.json() }),
  z.object({ op: z.literal('move'), from: PointerText, path: PointerText }),
  z.object({ op: z.literal('copy'), from: PointerText, path: PointerText }),
  z.object({ op: z.literal('test'), path: PointerText, value: z.json() }),
]);
export type PatchOperation = z.infer<typeof PatchOperationSchema>;

/** A problem of a patch. Pointers under `/patch` lead into what was sent, others into the definition that it makes. */
export interface PatchProblem extends Problem {
  code: string;
  remedy: string;
}

export interface PatchBounds {
  maxOperations: number;
  /** Bytes of the patch, as JSON. */
  maxBytes: number;
  /** Bytes of the document at any step: what is copied onto itself doubles each time. */
  maxDocumentBytes: number;
}

/** Keys that lead to what is not data. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Deeper values are refused: whoever reads them later may do so by recursion. */
const MAX_NESTING = 64;

/** Reads operations and says what is wrong with each; an empty patch is none. */
export function readPatch(json: JsonValue, bounds: PatchBounds): { operations: PatchOperation[]; problems: PatchProblem[] } {
  const refuse = (problem: PatchProblem) => ({ operations: [], problems: [problem] });
  if (!Array.isArray(json) || json.length === 0) {
    return refuse(malformed('', 'a patch is a list of operations', 'Send [{"op": "add", "path": "/nodes/-", "value": {…}}].'));
  }
  if (json.length > bounds.maxOperations) {
    return refuse(tooMuch(`${json.length} operations; at most ${bounds.maxOperations} are allowed`, 'PATCH_MAX_OPERATIONS'));
  }
  if (isDeeper(json, MAX_NESTING)) {
    return refuse(malformed('', `nested deeper than ${MAX_NESTING} levels`, 'Flatten it.'));
  }
  const bytes = Buffer.byteLength(JSON.stringify(json));
  if (bytes > bounds.maxBytes) {
    return refuse(tooMuch(`the patch has ${bytes} bytes; at most ${bounds.maxBytes} are allowed`, 'PATCH_MAX_BYTES'));
  }
  const read = json.map((operation, index) => readOperation(operation, index));
  return {
    operations: read.flatMap((one) => ('operation' in one ? [one.operation] : [])),
    problems: read.flatMap((one) => ('problems' in one ? one.problems : [])),
  };
}

/**
 * Applies operations in order to a copy of the document; the first that cannot be applied ends it. Only what the document itself has is
 * found: neither what objects inherit nor the length of a list.
 */
export function applyOperations(
  document: JsonValue,
  operations: readonly PatchOperation[],
  bounds: Pick<PatchBounds, 'maxDocumentBytes'>,
): { document: JsonValue; problems: PatchProblem[] } {
  const copy = structuredClone(document);
  for (const [index, operation] of operations.entries()) {
    const problem = targetProblem(copy, operation, index) ?? apply(copy, operation, index, bounds);
    if (problem !== null) return { document, problems: [problem] };
  }
  return { document: copy, problems: [] };
}

function readOperation(json: JsonValue, index: number): { operation: PatchOperation } | { problems: PatchProblem[] } {
  if (hasForbiddenKey(json)) return { problems: [forbidden(`/${index}`)] };
  const parsed = PatchOperationSchema.safeParse(json);
  if (!parsed.success) {
    const remedy = 'Use add, remove, replace, move, copy or test, as RFC 6902 writes them.';
    return {
      problems: parsed.error.issues.map(({ path, message }) => malformed(`/${[index, ...path].join('/')}`, message, remedy)),
    };
  }
  const operation = parsed.data;
  const pointers = [['path', operation.path] as const, ...('from' in operation ? [['from', operation.from] as const] : [])];
  const polluting = pointers.find(([, pointer]) => tokensOf(pointer).some((key) => FORBIDDEN_KEYS.has(key)));
  if (polluting !== undefined) return { problems: [forbidden(`/${index}/${polluting[0]}`)] };
  return { operation };
}

/** What is wrong with where an operation leads. */
function targetProblem(document: JsonValue, operation: PatchOperation, index: number): PatchProblem | null {
  const missing = (name: 'path' | 'from', pointer: string): PatchProblem => ({
    ...{ pointer: `/patch/${index}/${name}`, code: 'no_target', message: `the definition has nothing at \`${pointer}\`` },
    remedy: 'Read the current definition with GET /api/v1/runs/{id}/definition; `/nodes/-` appends a node.',
  });
  if ('from' in operation && !exists(document, operation.from)) return missing('from', operation.from);
  const adds = operation.op === 'add' || operation.op === 'move' || operation.op === 'copy';
  if (operation.path === '' && operation.op !== 'test') {
    const remedy = 'Change its parts: a run keeps its workflow.';
    return { pointer: `/patch/${index}/path`, code: 'no_target', message: 'the definition as a whole cannot be changed', remedy };
  }
  const found = adds ? canAdd(document, operation.path) : exists(document, operation.path);
  return found ? null : missing('path', operation.path);
}

function apply(
  document: JsonValue,
  operation: PatchOperation,
  index: number,
  { maxDocumentBytes }: Pick<PatchBounds, 'maxDocumentBytes'>,
): PatchProblem | null {
  if (operation.op === 'test') return testProblem(document, operation, index);
  const [failure] = applyPatch(document, [operation]);
  if (failure) return { ...malformed(`/${index}`, failure.message, 'Move nothing into itself.'), code: 'no_target' };
  if (operation.op !== 'copy' || Buffer.byteLength(JSON.stringify(document)) <= maxDocumentBytes) return null;
  return tooMuch(`the definition grows beyond ${maxDocumentBytes} bytes`, 'WORKFLOW_MAX_BYTES');
}

function testProblem(document: JsonValue, { path, value }: PatchOperation & { op: 'test' }, index: number): PatchProblem | null {
  if (canonicalJson(valueAt(document, tokensOf(path))!) === canonicalJson(value)) return null;
  const message = `the value at \`${path}\` is another one`;
  return {
    pointer: `/patch/${index}`,
    code: 'test_failed',
    message,
    remedy: 'Read the current definition and make the patch anew.',
  };
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const ARRAY_INDEX = /^(0|[1-9]\d*)$/;

/** Undefined: there is nothing. */
function valueAt(document: JsonValue, tokens: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const token of tokens) {
    if (value === null || typeof value !== 'object') return undefined;
    if (Array.isArray(value)) value = ARRAY_INDEX.test(token) ? value[Number(token)] : undefined;
    else value = Object.hasOwn(value, token) ? value[token] : undefined;
  }
  return value;
}

function exists(document: JsonValue, pointer: string): boolean {
  return valueAt(document, tokensOf(pointer)) !== undefined;
}

function canAdd(document: JsonValue, pointer: string): boolean {
  const tokens = tokensOf(pointer);
  const parent = valueAt(document, tokens.slice(0, -1));
  const last = tokens.at(-1)!;
  if (parent === undefined || parent === null || typeof parent !== 'object') return false;
  return !Array.isArray(parent) || last === '-' || (ARRAY_INDEX.test(last) && Number(last) <= parent.length);
}

function hasForbiddenKey(json: JsonValue): boolean {
  if (json === null || typeof json !== 'object') return false;
  return (!Array.isArray(json) && Object.hasOwn(json, '__proto__')) || Object.values(json).some(hasForbiddenKey);
}

/** Level by level, so that no depth can exhaust the stack. */
function isDeeper(json: JsonValue, limit: number): boolean {
  let level: JsonValue[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((value) => (value !== null && typeof value === 'object' ? Object.values(value) : []));
  }
  return false;
}

function malformed(at: string, message: string, remedy: string): PatchProblem {
  return { pointer: `/patch${at}`, code: 'schema', message, remedy };
}

function forbidden(at: string): PatchProblem {
  const message = 'a key named `__proto__`, `constructor` or `prototype` leads to what is not data';
  return { pointer: `/patch${at}`, code: 'forbidden_pointer', message, remedy: 'Use another key.' };
}

function tooMuch(message: string, setting: string): PatchProblem {
  return { pointer: '/patch', code: 'limit_exceeded', message, remedy: `Send less, or raise \`${setting}\`.` };
}
