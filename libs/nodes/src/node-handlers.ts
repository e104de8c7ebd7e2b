import { BatonError, type NodeHandler } from '@baton/core';

/** Handlers by the node type that they execute: what a worker can run. */
export class NodeHandlers extends Map<string, NodeHandler> {
  /** @throws BatonError `config_invalid` when two handlers claim one type. */
  constructor(handlers: Iterable<NodeHandler>) {
    super();
    for (const handler of handlers) {
      if (this.has(handler.type)) {
        throw new BatonError(
          'config_invalid',
          `Two handlers claim the node type \`${handler.type}\``,
          { type: handler.type },
          { remedy: 'Register one handler for each node type.' },
        );
      }
      this.set(handler.type, handler);
    }
  }
}
