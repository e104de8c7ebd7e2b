import { z } from 'zod';
import { ROLES } from './role.js';

/** What a node that asks for an approval says of it beside its title. */
export const ApprovalAskSchema = z.strictObject({
  /** Who decides has this role, or a higher one. */
  role: z.enum(ROLES),
  /** The names of who may decide; empty: everybody with the role. */
  assignees: z.array(z.string()),
  /** The names of who may not, whatever their role. */
  excluded: z.array(z.string()),
  /** How many must approve. */
  approvals: z.int().min(1),
  /** How many must reject. */
  rejections: z.int().min(1),
  /** What is to be approved; who approves may change it. Null: nothing. */
  proposal: z.json(),
  /** JSON Schema of what it may be changed to. */
  schema: z.record(z.string(), z.json()).optional(),
  /** When nobody can decide any more. */
  due_at: z.int().nullable(),
  /** More about what is asked. */
  details: z.record(z.string(), z.json()).optional(),
  /** How often it has passed to others before. */
  escalation: z.int().min(0),
  /** When it passes to others; the wait ends then, and goes on with them. */
  escalates_at: z.int().nullable(),
});
export type ApprovalAsk = z.infer<typeof ApprovalAskSchema>;

/** Who may decide, and how many it takes. */
export type ApprovalTerms = Pick<ApprovalAsk, 'assignees' | 'excluded' | 'approvals' | 'rejections' | 'schema' | 'details'>;

/** A wait that says nothing else: one operator decides. */
export const USUAL_ASK: Omit<ApprovalAsk, 'due_at'> = {
  ...{ role: 'operator', assignees: [], excluded: [], approvals: 1, rejections: 1 },
  ...{ proposal: null, escalation: 0, escalates_at: null },
};

/** The bytes that a proposal may have, as JSON: it stands in the list of approvals. */
export const PROPOSAL_BYTES = 65_536;
