import type { JsonValue } from './json.js';
import type { NodeDefinition } from './workflow-definition.js';

/** A type that a node executes, and where in the node it stands. */
export interface PlacedType {
  readonly pointer: string;
  readonly type: string;
}

/** The types that a node executes: its own, those of the bodies within its config, and of what undoes it. */
export function placedTypesIn({ type, config, compensate }: NodeDefinition): PlacedType[] {
  const undo = compensate === undefined ? [] : typesAt('/compensate', compensate.type, compensate.config);
  return [...typesAt('', type, config), ...undo];
}

/** The same without their places. */
export function typesIn(node: NodeDefinition): string[] {
  return placedTypesIn(node).map(({ type }) => type);
}

/** How many agents a node is: itself, and each body that is one, however often that is executed. */
export function agentsIn(node: NodeDefinition): number {
  return typesIn(node).filter((type) => type === 'agent').length;
}

/** A type, that of the body under its config, and of the bodies within that. */
function typesAt(pointer: string, type: string, config: JsonValue | undefined): PlacedType[] {
  const body = memberOf(config, 'body');
  const inner = memberOf(body, 'type');
  const own = { pointer: `${pointer}/type`, type };
  return typeof inner === 'string' ? [own, ...typesAt(`${pointer}/config/body`, inner, memberOf(body, 'config'))] : [own];
}

function memberOf(json: JsonValue | undefined, key: string): JsonValue | undefined {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return undefined;
  return Object.hasOwn(json, key) ? json[key] : undefined;
}
