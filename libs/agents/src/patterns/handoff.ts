import { TypedPattern, type JsonObject, type PatternExpansion, type PatternNode } from '@baton/core';
import { z } from 'zod';
import { AgentPartSchema, EvidenceSchema } from './agent-part.js';
import { evidenceForAll } from './rounds.js';

const Parameters = z
  .strictObject({
    agents: z
      .record(
        z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'letters, digits, `_`, `-`; at most 40'),
        AgentPartSchema.extend({ description: z.string().max(500).optional().describe('What the others know of it.') }),
      )
      .refine((agents) => Object.keys(agents).length >= 2, 'at least two agents'),
    first: z.string().describe('Who begins.'),
    max_handoffs: z.int().min(1).max(100).default(10),
    evidence: EvidenceSchema.optional().describe('Finds passages that all of them see.'),
  })
  .refine(({ agents, first }) => Object.hasOwn(agents, first), { path: ['first'], message: 'one of the agents' });
type Parameters = z.infer<typeof Parameters>;

/** One agent at a time: who has the work finishes it, or hands it over, with all that was said, to whom it chooses. */
export class HandoffPattern extends TypedPattern<Parameters> {
  readonly name = 'handoff';
  readonly description =
    'One agent at a time: who has the work finishes it, or hands it over, with all that was said, to another that it chooses.';
  readonly example: JsonObject = {
    agents: {
      triage: { description: 'Knows who does what.', instructions: 'Hand the question to the specialist.' },
      specialist: { description: 'Answers from the documents.', instructions: 'Answer from the passages alone, and cite them.' },
    },
    first: 'triage',
    evidence: { top_k: 5 },
  };
  protected readonly schema = Parameters;

  protected expandTyped({ agents, first, max_handoffs: maxHandoffs, evidence }: Parameters): PatternExpansion {
    const given = evidenceForAll(evidence);
    const members = Object.fromEntries(
      Object.entries(agents).map(([name, part]) => [name, { role: name, tier: 'handoff', ...part }]),
    );
    const talk: PatternNode = {
      ...{ id: 'talk', type: 'handoff', depends_on: given.map(({ id }) => id) },
      config: { agents: members, first, max_handoffs: maxHandoffs },
    };
    return { nodes: [...given, talk], output: 'talk' };
  }
}
