import {
  BatonError,
  NodeHandler,
  RetryPolicySchema,
  type Clock,
  type JsonObject,
  type JsonValue,
  type NodeContext,
} from '@baton/core';
import { z } from 'zod';
import { bodiesOf, bodyHandler, BodySchema, type FindHandler } from './body-context.js';
import { mapChildren } from './map-children.js';
import { MapItems } from './map-items.js';
import { parseConfig } from './node-config.js';
import { ExpressionText } from './node-expression.js';

/** The config of `map`. */
export const MapConfig = z.strictObject({
  items: z.union([ExpressionText, z.array(z.json())]).describe('An expression that gives a list, or the list itself.'),
  body: BodySchema.extend({
    timeout: z.number().positive().max(86_400).optional().describe('Seconds that one try of one item may take.'),
    retry: RetryPolicySchema.prefault({ max_attempts: 1 }).describe(
      'Tries of one item; without it, one for each attempt of the node. The pauses are spent in the worker.',
    ),
  }),
  concurrency: z.int().min(1).max(1_000).optional().describe('Items in work at once; without it, as the node or the run says.'),
  join: z
    .union([z.enum(['all', 'first']), z.strictObject({ at_least: z.int().min(1) })])
    .default('all')
    .describe('How many items must be done before the others are given up.'),
  on_item_error: z
    .enum(['fail', 'continue'])
    .default('fail')
    .describe('What an item that has failed for good does to a join of all.'),
});
export type MapConfig = z.infer<typeof MapConfig>;

/**
 * Executes its body for each item of a list, some at once; a body of the type `workflow` as child runs, over all workers. Each item is a journaled step: after a crash only those that are not done run again,
 * each under its own idempotency key `run/node/visit/index`.
 */
export class MapNode extends NodeHandler {
  readonly type = 'map';

  constructor(
    private readonly parts: { find: FindHandler; clock: Clock; random: () => number },
    private readonly options: { maxItems: number },
  ) {
    super();
  }

  override bodies(config: JsonObject) {
    return bodiesOf(config);
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, MapConfig);
    const items = this.readItems(context, config);
    const wanted = wantedItems(context, config, items.length);
    const outcomes = await this.executeItems(context, config, items, wanted);
    const count = (key: 'output' | 'error'): number =>
      outcomes.filter((outcome) => outcome !== undefined && key in outcome).length;
    context.log.debug('All items are done', { items: items.length, done: count('output'), failed: count('error') });
    return {
      items: outcomes.flatMap((outcome) => (outcome !== undefined && 'output' in outcome ? [outcome.output] : [])),
      failed: outcomes.flatMap((outcome, index) =>
        outcome !== undefined && 'error' in outcome ? [{ index, error: outcome.error as unknown as JsonValue }] : [],
      ),
    };
  }

  private executeItems(context: NodeContext, config: MapConfig, items: JsonValue[], wanted: number) {
    const { type, config: bodyConfig, timeout, retry } = config.body;
    const shared = {
      ...{ items, wanted, bodyConfig, concurrency: config.concurrency ?? context.concurrency },
      survives: config.join !== 'all' || config.on_item_error === 'continue',
      mustReach: config.join !== 'all',
    };
    if (type === 'workflow') {
      if (timeout === undefined && retry.max_attempts === 1) return mapChildren(context, shared);
      throw unusable(
        context,
        'child runs have no `timeout` or `retry` under `body`: set them in their workflow, or `retry` of the node',
      );
    }
    return new MapItems(context, {
      ...shared,
      ...{ retry, timeoutMs: timeout === undefined ? null : timeout * 1_000 },
      handler: bodyHandler(context, type, this.parts.find),
      ...{ clock: this.parts.clock, random: this.parts.random },
    }).execute();
  }

  private readItems(context: NodeContext, { items }: MapConfig): JsonValue[] {
    const list = typeof items === 'string' ? context.evaluate(items) : (items as JsonValue[]);
    if (!Array.isArray(list)) throw unusable(context, '`items` is not a list');
    const { maxItems } = this.options;
    if (list.length > maxItems) throw unusable(context, `${list.length} items; MAP_MAX_ITEMS allows ${maxItems}`);
    return list;
  }
}

/** How many items must be done. */
function wantedItems(context: NodeContext, { join }: MapConfig, count: number): number {
  if (join === 'all') return count;
  const wanted = join === 'first' ? 1 : join.at_least;
  if (wanted > count) throw unusable(context, `${wanted} of ${count} items can never be done`);
  return wanted;
}

function unusable({ nodeId }: NodeContext, message: string): BatonError {
  return new BatonError('node_failed', `The map \`${nodeId}\`: ${message}.`, { node_id: nodeId }, { retryable: false });
}
