import type { JsonValue } from './json.js';
import type { NodeDefinition } from './workflow-definition.js';

/** The types that a node executes: its own, those of the bodies within its config, and of what undoes it. */
export function typesIn({ type, config, compensate }: NodeDefinition): string[] {
  return [type, ...bodyTypes(config), ...(compensate === undefined ? [] : [compensate.type, ...bodyTypes(compensate.config)])];
}

/** How many agents a node is: itself, and each body that is one, however often that is executed. */
export function agentsIn(node: NodeDefinition): number {
  return typesIn(node).filter((type) => type === 'agent').length;
}

/** The type of the body under a config, and of the bodies within that. */
function bodyTypes(config: JsonValue): string[] {
  const body = memberOf(config, 'body');
  const type = memberOf(body, 'type');
  return typeof type === 'string' ? [type, ...bodyTypes(memberOf(body, 'config') ?? null)] : [];
}

function memberOf(json: JsonValue | undefined, key: string): JsonValue | undefined {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return undefined;
  return Object.hasOwn(json, key) ? json[key] : undefined;
}
