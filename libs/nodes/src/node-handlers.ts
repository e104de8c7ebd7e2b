import { BatonError, type NodeHandler } from '@baton/core';

/** Handlers by the node type that they execute: what a worker can run. */
export class NodeHandlers extends Map<string, NodeHandler> {
  /** @throws BatonError as `register`. */
  constructor(handlers: Iterable<NodeHandler> = []) {
    super();
    for (const handler of handlers) this.register(handler);
  }

  /** @throws BatonError `config_invalid`, naming both classes, when another handler has claimed the type. */
  register(handler: NodeHandler): void {
    const { type } = handler;
    const other = this.get(type);
    if (other !== undefined) {
      const [first, second] = [other.constructor.name, handler.constructor.name];
      throw new BatonError(
        'config_invalid',
        `Two handlers claim the node type \`${type}\`: ${first} and ${second}`,
        { type, handlers: [first, second] },
        { remedy: 'Register one handler for each node type.' },
      );
    }
    this.set(type, handler);
  }
}
