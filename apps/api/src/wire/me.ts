import { z } from 'zod';
import { ROLES } from '@baton/core';

export const MeReply = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  tenant_id: z.string(),
  access: z.enum(['open', 'token']).describe('`open`: no token is configured, and every caller on this machine is the admin.'),
  operations: z
    .array(z.string())
    .describe(
      'The calls other than GET that the role may make, such as `POST /api/v1/runs/{id}/cancel`; all others are refused.',
    ),
});
export type MeReply = z.infer<typeof MeReply>;
