import type { JsonObject, NodeHandler } from '@baton/core';

/** What is executed: a node, what undoes one, or the body of either. */
interface Work {
  readonly type: string;
  readonly config: JsonObject;
}

/** Whether the handlers have all types that the work needs. */
export function hasTypes(handlers: ReadonlyMap<string, NodeHandler>, { type, config }: Work): boolean {
  const handler = handlers.get(type);
  if (handler === undefined) return false;
  return handler.bodies === undefined || handler.bodies(config).every((body) => hasTypes(handlers, body));
}

/** The types that the work needs and that are not among the handlers: its own, or those of what its handler executes itself. */
export function lackingTypes(handlers: ReadonlyMap<string, NodeHandler>, work: Work): string[] {
  const { type, config } = work;
  const handler = handlers.get(type);
  if (handler === undefined) return [type];
  return (handler.bodies?.(config) ?? []).flatMap((body) => lackingTypes(handlers, body));
}

/** All types that the work needs, as far as they are known here. */
export function neededTypes(handlers: ReadonlyMap<string, NodeHandler>, work: Work): string[] {
  const { type, config } = work;
  return [type, ...(handlers.get(type)?.bodies?.(config) ?? []).flatMap((body) => neededTypes(handlers, body))];
}
