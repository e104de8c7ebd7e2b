import { z } from 'zod';
import { ROLES } from '@baton/core';

export const MeReply = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  tenant_id: z.string(),
  access: z.enum(['open', 'token']).describe('`open`: no token is configured, and every caller on this machine is the admin.'),
});
export type MeReply = z.infer<typeof MeReply>;
