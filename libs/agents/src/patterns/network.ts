import { TypedPattern, type JsonObject, type PatternExpansion } from '@baton/core';
import { z } from 'zod';
import { AgentPartSchema, EvidenceSchema } from './agent-part.js';
import { evidenceForAll, ParticipantsSchema, concludeRounds, holdRounds } from './rounds.js';

const Parameters = z
  .strictObject({
    agents: ParticipantsSchema,
    links: z
      .array(z.tuple([z.string(), z.string()]))
      .max(1_000)
      .optional()
      .describe('Who talks with whom, both ways; without it, each with the next, in a ring.'),
    rounds: z.int().min(2).max(10).default(4).describe('At most.'),
    spokesperson: AgentPartSchema.optional().describe('Says what they have come to.'),
    evidence: EvidenceSchema.optional().describe('Finds passages that all of them see.'),
  })
  .superRefine(({ agents, links = [] }, issues) => {
    const names = new Set(agents.map(({ name }) => name));
    links.forEach(([one, other], index) => {
      if (names.has(one) && names.has(other) && one !== other) return;
      issues.addIssue({ code: 'custom', path: ['links', index], message: 'a link joins two of the agents' });
    });
  });
type Parameters = z.infer<typeof Parameters>;

/** Peers who hear their neighbours alone, round after round, until all agree. */
export class NetworkPattern extends TypedPattern<Parameters> {
  readonly name = 'network';
  readonly description = 'Peers who exchange messages with their neighbours alone, round after round, until all agree.';
  readonly example: JsonObject = {
    agents: [{ name: 'north' }, { name: 'east' }, { name: 'south' }, { name: 'west' }],
    links: [
      ['north', 'east'],
      ['east', 'south'],
      ['south', 'west'],
    ],
    rounds: 3,
    evidence: { top_k: 5 },
  };
  protected readonly schema = Parameters;

  protected expandTyped({ agents, links, rounds, spokesperson, evidence }: Parameters): PatternExpansion {
    const given = evidenceForAll(evidence);
    const evidenceIds = given.map(({ id }) => id);
    const names = agents.map(({ name }) => name);
    const joined = links ?? names.map((name, index): [string, string] => [name, names[(index + 1) % names.length]!]);
    const neighbours = (name: string): string[] =>
      names.filter((other) => joined.some((link) => other !== name && link.includes(name) && link.includes(other)));
    const { nodes, boards } = holdRounds({
      // One's own words are part of the talk.
      participants: agents.map(({ name, ...part }) => ({ name, part, hears: [name, ...neighbours(name)] })),
      ...{ rounds, evidenceIds, tier: 'network', quorum: agents.length },
    });
    return { nodes: [...given, ...nodes, ...concludeRounds(spokesperson, { boards, evidenceIds })], output: 'conclude' };
  }
}
