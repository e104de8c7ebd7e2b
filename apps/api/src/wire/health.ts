import { z } from 'zod';

export const LiveReply = z.object({ status: z.literal('ok'), uptime_s: z.int() });

export const HealthReply = z.object({
  status: z.enum(['ok', 'degraded']),
  parts: z.record(z.string(), z.object({ ok: z.boolean(), ms: z.number(), detail: z.string().optional() })),
  warnings: z.array(z.string()),
});
