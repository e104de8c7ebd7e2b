import { z } from 'zod';

/** An RFC 9457 problem, for the API's description; `toProblem` makes it. */
export const ProblemReply = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  remedy: z.string(),
  request_id: z.string(),
  problems: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
});
