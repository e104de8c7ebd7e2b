import type { DefinitionProblem } from './definition-problem.js';
import type { JsonValue } from './json.js';

/** How large a definition may be. */
export interface DefinitionLimits {
  /** Bytes of its text. */
  maxBytes: number;
  /** Bytes of its text in YAML, which takes far longer to read than JSON. */
  maxYamlBytes: number;
  maxNodes: number;
  /** Dependencies of all nodes together. */
  maxEdges: number;
  /** Nodes that come one after the other. */
  maxDepth: number;
}

/** What there is in all, however idle: a workflow that needs more can never run. */
export interface Capacity {
  agents: number;
  /** Cores. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

/** Objects and arrays within each other. */
const MAX_NESTING = 64;

export function limitProblem(pointer: string, message: string, setting: string): DefinitionProblem {
  return { pointer, code: 'limit_exceeded', message, remedy: `Make it smaller, or raise \`${setting}\`.` };
}

/** What must be bounded before anything walks the definition by recursion: nesting, nodes, edges. */
export function sizeProblems(json: JsonValue, limits: DefinitionLimits): DefinitionProblem[] {
  if (isDeeper(json, MAX_NESTING)) {
    return [{ pointer: '', code: 'limit_exceeded', message: `nested deeper than ${MAX_NESTING} levels`, remedy: 'Flatten it.' }];
  }
  const nodes = listAt(json, 'nodes') ?? listAt(json, 'tasks') ?? [];
  const { maxNodes, maxEdges } = limits;
  if (nodes.length > maxNodes) {
    return [limitProblem('/nodes', `${nodes.length} nodes; at most ${maxNodes} are allowed`, 'WORKFLOW_MAX_NODES')];
  }
  const edges = nodes.reduce<number>((sum, node) => sum + (listAt(node, 'depends_on')?.length ?? 0), 0);
  return edges > maxEdges
    ? [limitProblem('/nodes', `${edges} dependencies; at most ${maxEdges} are allowed`, 'WORKFLOW_MAX_EDGES')]
    : [];
}

function listAt(json: JsonValue, key: string): readonly JsonValue[] | null {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return null;
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  return Array.isArray(value) ? value : null;
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
