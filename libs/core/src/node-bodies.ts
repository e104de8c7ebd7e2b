import type { JsonObject, JsonValue } from './json.js';
import type { NodeDefinition } from './workflow-definition.js';

/** A type that a node executes, with its config, and where in the node it stands. */
export interface PlacedType {
  readonly pointer: string;
  readonly type: string;
  readonly config: JsonObject;
}

/** Other names of node types. Without its own name an approval would be skipped as unknown, and nobody asked. */
const TYPE_ALIASES: ReadonlyMap<string, string> = new Map([['hitl', 'approval']]);

/** The node with each type that it executes under its own name. */
export function withOwnTypes(node: NodeDefinition): NodeDefinition {
  if (!typesIn(node).some((type) => TYPE_ALIASES.has(type))) return node;
  const { compensate } = node;
  return { ...node, ...ownTypes(node), ...(compensate && { compensate: { ...compensate, ...ownTypes(compensate) } }) };
}

function ownTypes({ type, config }: { type: string; config: JsonObject }): { type: string; config: JsonObject } {
  const body = memberOf(config, 'body');
  const inner = memberOf(body, 'type');
  const own = TYPE_ALIASES.get(type) ?? type;
  if (!isObject(body) || typeof inner !== 'string') return { type: own, config };
  const within = memberOf(body, 'config');
  const { type: innerOwn, config: innerConfig } = ownTypes({ type: inner, config: isObject(within) ? within : {} });
  return {
    type: own,
    config: { ...config, body: { ...body, type: innerOwn, ...(isObject(within) && { config: innerConfig }) } },
  };
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
function typesAt(pointer: string, type: string, config: JsonObject): PlacedType[] {
  const body = memberOf(config, 'body');
  const inner = memberOf(body, 'type');
  const own = { pointer, type, config };
  if (typeof inner !== 'string') return [own];
  const within = memberOf(body, 'config');
  return [own, ...typesAt(`${pointer}/config/body`, inner, isObject(within) ? within : {})];
}

function memberOf(json: JsonValue | undefined, key: string): JsonValue | undefined {
  return isObject(json) && Object.hasOwn(json, key) ? json[key] : undefined;
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return json !== null && typeof json === 'object' && !Array.isArray(json);
}
