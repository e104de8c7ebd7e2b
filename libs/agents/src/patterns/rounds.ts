import type { JsonObject, PatternNode } from '@baton/core';
import { z } from 'zod';
import { agentNode, AgentPartSchema, type AgentPart, type Evidence } from './agent-part.js';

/** Short enough for the ids of nodes that are made of it. */
const ParticipantName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'letters, digits, `_`, `-`; at most 40');

export const ParticipantsSchema = z
  .array(AgentPartSchema.extend({ name: ParticipantName }))
  .min(2)
  .max(50)
  .refine((agents) => new Set(agents.map(({ name }) => name)).size === agents.length, 'each agent has a name of its own');

/** One search for all, where one is wanted. */
export function evidenceForAll(evidence: Evidence | undefined): PatternNode[] {
  return evidence === undefined ? [] : [{ id: 'evidence', type: 'retrieve', config: { ...evidence } }];
}

/** One who takes part in each round. */
interface Participant {
  name: string;
  part: AgentPart;
  /** Whose words of the round before it hears. */
  hears: readonly string[];
}

/** What each says in a round, and whether it agrees with what it has heard. */
const OPINION: JsonObject = {
  type: 'object',
  properties: { answer: { type: 'string' }, agree: { type: 'boolean' } },
  required: ['answer', 'agree'],
};

interface RoundsParameters {
  participants: readonly Participant[];
  rounds: number;
  /** So many who agree end it. */
  quorum: number;
  tier: string;
  /** What all have to work on. */
  evidenceIds: readonly string[];
}

/**
 * Rounds of words: in each, all speak at once, having heard others of the round before. When enough agree, the rounds after are skipped.
 * `boards` hold what was said, the latest first.
 */
export function holdRounds({ participants, rounds, quorum, tier, evidenceIds }: RoundsParameters): {
  nodes: PatternNode[];
  boards: string[];
} {
  const nodes: PatternNode[] = [];
  const boards: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const said = (name: string, at = round): string => `${name}-round-${at}`;
    const vote = `vote-${round - 1}`;
    const later = round === 1 ? null : { when: `nodes['${vote}'].status == 'completed' && !nodes['${vote}'].output.result` };
    nodes.push(
      ...participants.map(({ name, part, hears }) => {
        const heard = later === null ? [] : [vote, ...hears.map((other) => said(other, round - 1))];
        const dependsOn = [...evidenceIds, ...heard];
        return agentNode(part, {
          ...{ id: said(name), tier, role: 'discuss', answers: OPINION, isOptional: true, dependsOn },
          ...later,
        });
      }),
      {
        ...{ id: `board-${round}`, type: 'aggregate', config: { mode: 'list' } },
        depends_on: participants.map(({ name }) => said(name)),
      },
    );
    boards.unshift(`board-${round}`);
    if (round < rounds) nodes.push(voteNode(round, quorum));
  }
  return { nodes, boards };
}

/** True: enough agree. */
function voteNode(round: number, quorum: number): PatternNode {
  const said = `nodes['board-${round}'].output.items`;
  const config = { if: `${said}.filter(one, one.data.agree).size() >= ${quorum}` };
  return { id: `vote-${round}`, type: 'condition', depends_on: [`board-${round}`], config };
}

/** The last round that was held, put together. */
export function concludeRounds(
  part: AgentPart | undefined,
  { boards, evidenceIds }: { boards: readonly string[]; evidenceIds: readonly string[] },
): PatternNode[] {
  return [
    { id: 'board', type: 'aggregate', depends_on: [...boards], config: { mode: 'first' } },
    agentNode(part, { id: 'conclude', tier: 'final', role: 'synthesise', dependsOn: [...evidenceIds, 'board'] }),
  ];
}
