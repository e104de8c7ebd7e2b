import { z } from 'zod';
import { configJsonSchema, INTERNAL_NODE_TYPES, NODE_CATEGORIES, NODE_TYPE_CATALOG } from '@baton/nodes';
import type { Worker } from '@baton/core';

const NodeTypeReply = z.object({
  type: z.string(),
  category: z
    .enum([...NODE_CATEGORIES, 'custom'])
    .describe('`custom`: a type of somebody else, known by the workers that execute it.'),
  description: z.string(),
  config: z.record(z.string(), z.unknown()).describe('The config as JSON Schema.'),
  example: z.record(z.string(), z.unknown()).describe('A config that is valid as it stands.'),
  available: z.boolean().describe('Whether a live worker executes it.'),
});

export const NodeTypesReply = z.object({ items: z.array(NodeTypeReply) });
type NodeTypesReply = z.infer<typeof NodeTypesReply>;

/** The schemas never change while the process lives. */
const KNOWN = NODE_TYPE_CATALOG.map((entry) => {
  const { type, category, description, example } = entry;
  return { type, category, description, config: configJsonSchema(entry), example };
});

/** The types of Baton, then those that only live workers know. */
export function toNodeTypesReply(workers: readonly Worker[]): NodeTypesReply {
  const live = new Set(workers.filter((worker) => worker.live).flatMap(({ nodeTypes }) => nodeTypes));
  const known = KNOWN.map((entry) => ({ ...entry, available: live.has(entry.type) }));
  const names = new Set([...KNOWN.map(({ type }) => type), ...INTERNAL_NODE_TYPES]);
  const custom = [...live].filter((type) => !names.has(type)).sort();
  return {
    items: [
      ...known,
      ...custom.map((type) => ({
        ...{ type, category: 'custom' as const, description: '', config: { type: 'object' }, example: {}, available: true },
      })),
    ],
  };
}
