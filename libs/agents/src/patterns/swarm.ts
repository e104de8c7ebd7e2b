import { TypedPattern, type JsonObject, type PatternExpansion } from '@baton/core';
import { z } from 'zod';
import { AgentPartSchema, EvidenceSchema } from './agent-part.js';
import { evidenceForAll, ParticipantsSchema, concludeRounds, holdRounds } from './rounds.js';

const Parameters = z
  .strictObject({
    agents: ParticipantsSchema,
    rounds: z.int().min(1).max(10).default(3).describe('At most.'),
    quorum: z.int().min(1).max(50).optional().describe('So many who agree end it; without it, more than half.'),
    aggregator: AgentPartSchema.optional().describe('Puts together what the last round has said.'),
    evidence: EvidenceSchema.optional().describe('Finds passages that all of them see.'),
  })
  .refine(({ agents, quorum = 1 }) => quorum <= agents.length, { path: ['quorum'], message: 'more than there are agents' });
type Parameters = z.infer<typeof Parameters>;

/** Equals before one blackboard: in each round all write, having read what all wrote in the one before, until enough of them agree. */
export class SwarmPattern extends TypedPattern<Parameters> {
  readonly name = 'swarm';
  readonly description =
    'Equals before one blackboard: in each round all write, having read what all wrote in the one before, until enough of them agree.';
  readonly example: JsonObject = {
    agents: [{ name: 'optimist' }, { name: 'sceptic' }, { name: 'historian' }],
    rounds: 3,
    quorum: 2,
    evidence: { top_k: 5 },
  };
  protected readonly schema = Parameters;

  protected expandTyped({ agents, rounds, quorum, aggregator, evidence }: Parameters): PatternExpansion {
    const given = evidenceForAll(evidence);
    const evidenceIds = given.map(({ id }) => id);
    const { nodes, boards } = holdRounds({
      participants: agents.map(({ name, ...part }) => ({ name, part, hears: agents.map((other) => other.name) })),
      ...{ rounds, evidenceIds, tier: 'swarm' },
      quorum: quorum ?? Math.floor(agents.length / 2) + 1,
    });
    return { nodes: [...given, ...nodes, ...concludeRounds(aggregator, { boards, evidenceIds })], output: 'conclude' };
  }
}
