import type { NodeContext } from '@baton/core';
import type { World } from '../support/in-memory/index.js';
import { limitProblems, workProblems } from './limit-checks.js';
import type { RunGraphs } from './run-graphs.js';
import type { HandlerWitness } from './handlers.js';
import type { RunFacts } from './run-facts.js';
import type { SimProcess } from './sim-process.js';
import type { Counters, Trace } from './trace.js';

interface WitnessParts {
  world: World;
  graphs: RunGraphs;
  trace: Trace;
  counters: Counters;
  factsOf(runId: string): RunFacts;
  say(violation: string): void;
}

/**
 * Watches what handlers are called for, at the instant they are. A worker whose run another has claimed meanwhile may not know yet, and may
 * repeat what is done: that is at-least-once. The holder may not.
 */
export function witnessOf(process: SimProcess, parts: WitnessParts): HandlerWitness {
  const { world, graphs, trace, counters, factsOf, say } = parts;
  /** Of the run; or of the node, where that is out in a pool. */
  const isHolder = (runId: string, nodeId: string): boolean => {
    if (process.isDead) return false;
    const out = factsOf(runId).inWork.get(nodeId) === 'pool';
    if (!out) return world.run(runId).workerId === process.id;
    return [...world.db.poolJobs.values()].some(
      (job) => job.runId === runId && job.nodeId === nodeId && job.workerId === process.id,
    );
  };
  return {
    began({ runId, nodeId, visit, attempt, idempotencyKey }: NodeContext): void {
      if (process.isDead) return;
      const undo = idempotencyKey.includes('/undo');
      trace.note(
        world.clock.now(),
        `${process.id} begins ${trace.nameOf(runId)} ${nodeId}/${visit}${undo ? '/undo' : ''} try ${attempt}`,
      );
      const graph = graphs.at(runId, factsOf(runId).digest);
      counters.count(`node: ${graph.kinds[nodeId]}${undo ? ', undone' : ''}`);
      if (!isHolder(runId, nodeId)) return counters.count('handler called for a run that is lost already');
      const facts = factsOf(runId);
      const at = `${trace.nameOf(runId)} ${nodeId}: its handler began`;
      for (const problem of [...limitProblems(world, graphs.main, factsOf), ...workProblems(world, runId)])
        say(`${at}: ${problem}`);
      if (facts.ended) say(`${at} after the end of the run`);
      if (facts.undoing !== undo) say(`${at} ${undo ? 'to undo it before' : 'after'} the journal said that the run is undone`);
      if (undo && facts.undone.has(nodeId)) say(`${at} to undo it though it was undone`);
      if (undo) return;
      if (facts.settled.has(nodeId)) say(`${at} though it is ${facts.settled.get(nodeId)}`);
      for (const dependency of graph.nodes[nodeId]?.depends_on ?? []) {
        if (!facts.settled.has(dependency)) say(`${at} before the outcome of ${dependency} was in the journal`);
      }
    },
    stepBegan({ runId, nodeId, visit, idempotencyKey }: NodeContext, key: string): void {
      if (!isHolder(runId, nodeId)) return;
      const [, undo = '', item] = /^[^/]+\/[^/]+\/\d+(\/undo)?(?:\/(\d+))?$/.exec(idempotencyKey) ?? [];
      const step = `${nodeId}/${visit}${undo}/${item === undefined ? '' : `item:${item}/`}${key}`;
      if (factsOf(runId).steps.has(step)) say(`${trace.nameOf(runId)} step ${step} runs again though it is in the journal`);
    },
  };
}
