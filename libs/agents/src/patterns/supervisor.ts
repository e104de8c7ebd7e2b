import { TypedPattern, type JsonObject, type PatternExpansion, type PatternNode } from '@baton/core';
import { z } from 'zod';
import { agentNode, AgentPartSchema, EvidenceSchema } from './agent-part.js';
import { divideWork } from './divided-work.js';

const Parameters = z.strictObject({
  supervisor: AgentPartSchema.optional().describe('Divides the work, judges it and puts it together.'),
  worker: AgentPartSchema.optional().describe('Does one part.'),
  workers: z.int().min(1).max(100).default(3).describe('Parts at most, each done by one worker.'),
  rounds: z.int().min(1).max(5).default(2).describe('How often the work is done at most, until the supervisor accepts it.'),
  may_patch: z.boolean().default(false).describe('Lets the supervisor add agents to its own run, within the limit of the run.'),
  evidence: EvidenceSchema.optional().describe('Finds passages for each part.'),
});
type Parameters = z.infer<typeof Parameters>;

const VERDICT: JsonObject = {
  type: 'object',
  properties: { accepted: { type: 'boolean' }, feedback: { type: 'string' } },
  required: ['accepted', 'feedback'],
};

/** One agent divides the work, others do it, the first judges what they did, has it done again if need be, and puts it together. */
export class SupervisorPattern extends TypedPattern<Parameters> {
  readonly name = 'supervisor';
  readonly description = 'One agent divides the work among others, judges what they did, and puts it together.';
  readonly example: JsonObject = { workers: 3, rounds: 2, evidence: { top_k: 4 } };
  protected readonly schema = Parameters;

  protected expandTyped(parameters: Parameters): PatternExpansion {
    const { supervisor, worker, workers: count, rounds, evidence, may_patch: mayPatch } = parameters;
    const first = divideWork({
      divider: { part: supervisor, tier: 'supervisor' },
      worker: { part: worker, tier: 'worker', count, isOptional: false },
      evidence,
    });
    const judge = mayPatch ? { ...supervisor, tools: [...(supervisor?.tools ?? []), 'patch_workflow'] } : supervisor;
    const evidenceIds = first.workers.map(({ evidenceId }) => evidenceId);
    const nodes = [...first.nodes];
    let done = first.workers.map(({ id }) => id);
    for (let round = 1; round < rounds; round += 1) {
      const verdict = `assess-${round}`;
      nodes.push(
        agentNode(judge, {
          ...{ id: verdict, tier: 'supervisor', role: 'assess', dependsOn: [...evidenceIds, ...done], answers: VERDICT },
          ...(round > 1 && { when: rejectedBy(`assess-${round - 1}`) }),
        }),
      );
      done = done.map((before, index) => {
        const id = `worker-${index + 1}-round-${round + 1}`;
        const { evidenceId, when } = first.workers[index]!;
        const dependsOn = [evidenceId, before, verdict];
        nodes.push(agentNode(worker, { id, tier: 'worker', role: 'work', when: `${rejectedBy(verdict)} && ${when}`, dependsOn }));
        return id;
      });
    }
    nodes.push(...conclude(parameters, evidenceIds));
    return { nodes, output: 'synthesise' };
  }
}

/** Asked also where the verdict itself was skipped. */
function rejectedBy(verdict: string): string {
  return `nodes['${verdict}'].status == 'completed' && !nodes['${verdict}'].output.data.accepted`;
}

/** What each worker gave in the last round that it was in, put together. */
function conclude({ supervisor, workers, rounds }: Parameters, evidenceIds: readonly string[]): PatternNode[] {
  const results = Array.from({ length: workers }, (_, index): PatternNode => {
    const later = Array.from({ length: rounds - 1 }, (_round, back) => `worker-${index + 1}-round-${rounds - back}`);
    const tries = [...later, `worker-${index + 1}`];
    return { id: `result-${index + 1}`, type: 'aggregate', depends_on: tries, config: { mode: 'first' } };
  });
  const dependsOn = [...evidenceIds, ...results.map(({ id }) => id)];
  return [...results, agentNode(supervisor, { id: 'synthesise', tier: 'final', role: 'synthesise', dependsOn })];
}
