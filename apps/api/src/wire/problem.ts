import { z } from 'zod';

/** One thing that is wrong with what was sent. */
export const ProblemEntry = z.object({
  pointer: z.string().describe('A JSON pointer into what was sent, or into what it makes.'),
  message: z.string(),
  code: z.string().optional(),
  remedy: z.string().optional(),
  position: z.object({ start: z.int(), end: z.int() }).optional().describe('Where in the text of an expression.'),
});

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
  problems: z.array(ProblemEntry).optional(),
});
