import { z } from 'zod';
import { PatternSpecSchema, type PatternExpansion } from '@baton/core';
import type { OfferedPattern } from '@baton/engine';
import { Instant, toInstant } from './json.js';

export const PatternBody = PatternSpecSchema;

export const ExpandBody = z.strictObject({ parameters: z.record(z.string(), z.json()).default({}) });
export type ExpandBody = z.infer<typeof ExpandBody>;

export const PatternReply = z.object({
  name: z.string(),
  description: z.string(),
  origin: z.enum(['built_in', 'custom']).describe('`custom`: kept as data by this tenant.'),
  parameters: z.record(z.string(), z.json()).describe('JSON Schema of the parameters.'),
  example: z.record(z.string(), z.json()).describe('Parameters that work as they stand.'),
  template: PatternSpecSchema.shape.template.optional(),
  created_at: Instant.optional(),
  updated_at: Instant.optional(),
});
export type PatternReply = z.infer<typeof PatternReply>;

export const PatternsReply = z.object({ patterns: z.array(PatternReply) });
export const ExpansionReply = z.object({ nodes: z.array(z.record(z.string(), z.json())), output: z.string() });

export function toPatternReply({ pattern, kept }: OfferedPattern): PatternReply {
  const { name, description, parameters, example } = pattern;
  return {
    ...{ name, description, origin: kept === null ? 'built_in' : 'custom', parameters, example },
    ...(kept !== null && {
      template: kept.template,
      created_at: toInstant(kept.createdAt),
      updated_at: toInstant(kept.updatedAt),
    }),
  };
}

export function toExpansionReply({ nodes, output }: PatternExpansion): z.infer<typeof ExpansionReply> {
  return { nodes, output };
}
