import { NodeHandler, type JsonValue, type NodeContext } from '@baton/core';

/** Returns its config, or the run's input when the config is empty. Does nothing else: for tests and measurements. */
export class EchoNode extends NodeHandler {
  readonly type = 'echo';

  execute({ config, input }: NodeContext): Promise<JsonValue> {
    return Promise.resolve(Object.keys(config).length > 0 ? config : input);
  }
}
