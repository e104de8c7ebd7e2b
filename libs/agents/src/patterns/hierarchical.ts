import { TypedPattern, type JsonObject, type PatternExpansion, type PatternNode } from '@baton/core';
import { z } from 'zod';
import { agentNode, AgentPartSchema, EvidenceSchema, type AgentPart } from './agent-part.js';
import { divideWork } from './divided-work.js';

const TierSchema = z.strictObject({
  agents: z.int().min(1).max(500),
  agent: AgentPartSchema.optional(),
});

const Parameters = z.strictObject({
  tiers: z
    .array(TierSchema)
    .min(2)
    .max(6)
    .default([{ agents: 8 }, { agents: 2 }, { agents: 1 }])
    .describe('From those who do the work up to the one who answers.')
    .refine((tiers) => tiers.at(-1)!.agents === 1, 'the last tier is one agent')
    .refine(
      (tiers) => tiers.every(({ agents }, index) => index === 0 || agents <= tiers[index - 1]!.agents),
      'no tier has more agents than the one below it',
    ),
  divider: AgentPartSchema.optional().describe('Divides the work among the first tier.'),
  evidence: EvidenceSchema.optional().describe('Finds passages for each part.'),
  needs_all: z.boolean().default(false).describe('Whether the run fails when one agent below the top does.'),
});
type Parameters = z.infer<typeof Parameters>;

/** Agents in tiers: the lowest does the work, each above puts together what its share of the tier below wrote. */
export class HierarchicalPattern extends TypedPattern<Parameters> {
  readonly name: string = 'hierarchical';
  readonly description: string =
    'Agents in tiers: the lowest does the work in parts, each above puts together what its share of the tier below wrote.';
  readonly example: JsonObject = { tiers: [{ agents: 4 }, { agents: 2 }, { agents: 1 }], evidence: { top_k: 3 } };
  protected readonly schema = Parameters;

  protected expandTyped({ tiers, divider, evidence, needs_all: needsAll }: Parameters): PatternExpansion {
    const [lowest, ...above] = tiers;
    const { nodes, workers } = divideWork({
      divider: { part: divider, tier: 'planning' },
      worker: { part: lowest!.agent, tier: 'worker', count: lowest!.agents, isOptional: !needsAll },
      evidence,
    });
    let below: Member[] = workers.map(({ id, evidenceId }) => ({ id, evidenceIds: [evidenceId] }));
    for (const [index, { agents, agent }] of above.entries()) {
      const isTop = index === above.length - 1;
      const tier: Tier = { agents, agent, name: isTop ? 'final' : `synthesis${index === 0 ? '' : `-${index + 1}`}` };
      const members = overTier(tier, below);
      nodes.push(...members.map((member) => synthesisNode(tier, member, isTop || needsAll)));
      below = members;
    }
    return { nodes, output: below[0]!.id };
  }
}

interface Tier {
  agents: number;
  agent: AgentPart | undefined;
  name: string;
}

interface Member {
  id: string;
  /** What it stands on, and those below it. */
  evidenceIds: string[];
  reports?: string[];
}

/** Shares the tier below out as evenly as can be, in order. */
function overTier({ agents, name }: Tier, below: readonly Member[]): Member[] {
  return Array.from({ length: agents }, (_, index) => {
    const share = below.slice(Math.floor((index * below.length) / agents), Math.floor(((index + 1) * below.length) / agents));
    return {
      id: agents === 1 ? name : `${name}-${index + 1}`,
      evidenceIds: share.flatMap(({ evidenceIds }) => evidenceIds),
      reports: share.map(({ id }) => id),
    };
  });
}

function synthesisNode({ agent, name }: Tier, { id, evidenceIds, reports = [] }: Member, isNeeded: boolean): PatternNode {
  const dependsOn = [...evidenceIds, ...reports];
  return agentNode(agent, { id, tier: name, role: 'synthesise', dependsOn, isOptional: !isNeeded });
}
