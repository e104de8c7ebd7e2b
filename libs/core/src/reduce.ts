import { adoptPlan } from './adopt-plan.js';
import { releaseAll, takeChild } from './child-state.js';
import { BatonError } from './errors.js';
import type { EventPayload, JournalEvent, KeptNode } from './journal-event.js';
import { makeReady, settle } from './node-queues.js';
import { freshNode, isSettled } from './node-state.js';
import { keepSignal, rememberEvent } from './node-waits.js';
import { endWork } from './node-worked-time.js';
import type { Plan } from './plan.js';
import { reduceNode } from './reduce-node.js';
import { takeAsk, takeGrant, takeRenewal } from './run-budget.js';
import type { RunState } from './run-state.js';
import { signalKey } from './signal.js';
import { addUsage, NO_USAGE, readUsage } from './usage.js';
import { workedAfter } from './worked-time.js';

const NO_PLANS: ReadonlyMap<string, Plan> = new Map();

/**
 * Applies one journal event. Pure but for `state`; the same journal gives the same state at every prefix.
 * `plans`: by digest, at least those that a `run.patched` among the events leads to.
 */
export function reduce(state: RunState, event: JournalEvent, plans: ReadonlyMap<string, Plan> = NO_PLANS): void {
  state.seq = event.seq;
  state.epoch = event.epoch;
  if (event.nodeId === null) state.worked = workedAfter(state.worked, event, aroundOf(state));
  const { lastAt } = state;
  state.lastAt = event.at;
  if (event.nodeId !== null) {
    const index = state.plan.indexById.get(event.nodeId);
    if (event.type === 'step.completed') countUsage(state, event, index);
    if (index !== undefined) reduceNode(state, event, index);
    return;
  }
  switch (event.type) {
    case 'run.submitted':
      state.startedBy = event.payload.by ?? null;
      state.budget = { ...state.budget, limits: event.payload.budget ?? {} };
      state.waitsForPlace = event.payload.waits_for_place === true;
      for (const kept of event.payload.snapshot ?? []) keepNode(state, kept);
      for (const { signal_id: id, payload } of event.payload.continued_from?.events ?? [])
        keepSignal(state, id, signalKey('event', payload), payload);
      for (const root of state.plan.roots) if (!isSettled(state.nodes[root]!)) makeReady(state, root);
      break;
    case 'run.claimed':
      state.status = state.paused ? 'paused' : 'running';
      if (state.undoing !== null) state.status = 'compensating';
      for (const index of state.running) {
        endWork(state.nodes[index]!, lastAt);
        makeReady(state, index);
      }
      state.running.clear();
      break;
    case 'run.waiting':
      state.status = 'waiting';
      break;
    case 'budget.reached':
      takeAsk(state, event.payload, event.at);
      break;
    case 'budget.renewed':
      takeRenewal(state);
      break;
    case 'run.paused':
      state.status = 'paused';
      state.paused = true;
      break;
    case 'run.resumed':
      state.status = 'running';
      state.paused = false;
      break;
    case 'signal.received': {
      const { signal_id: id, type, payload } = event.payload;
      rememberEvent(state, type, payload);
      if (type === 'admit') state.waitsForPlace = false;
      if (type === 'child') takeChild(state, id, payload);
      else if (type !== 'decide' || !takeGrant(state, payload)) keepSignal(state, id, signalKey(type, payload), payload);
      break;
    }
    case 'children.cancelled':
      for (const childId of event.payload.child_ids) state.children.released.delete(childId);
      break;
    case 'run.patched':
      state.revision = state.lastRevision = event.payload.revision;
      adoptPlan(state, planOf(event.payload.digest, plans), freshNode);
      break;
    case 'run.patch_refused':
      state.lastRevision = event.payload.revision;
      break;
    case 'run.compensating':
      releaseAll(state);
      state.status = 'compensating';
      state.undoing = [...state.undoable];
      state.failure ??= { nodeId: event.payload.node_id, error: event.payload.error, compensate: true };
      break;
    case 'run.completed':
      state.status = 'completed';
      state.output = event.payload.output;
      break;
    case 'run.failed':
      state.status = 'failed';
      state.error = event.payload.error;
      break;
    case 'run.cancelled':
      state.status = 'cancelled';
      break;
  }
}

/** What is journaled was paid, whatever becomes of its node. */
function countUsage(state: RunState, { payload }: { payload: EventPayload<'step.completed'> }, index: number | undefined): void {
  if (payload.usage === undefined) return;
  const usage = readUsage(payload.usage);
  state.usage = addUsage(state.usage, usage);
  const node = index === undefined ? undefined : state.nodes[index]!;
  if (node !== undefined) node.usage = addUsage(node.usage ?? NO_USAGE, usage);
}

function aroundOf({ paused, undoing, lastAt }: RunState): { paused: boolean; undoing: boolean; lastAt: number } {
  return { paused, undoing: undoing !== null, lastAt };
}

function planOf(digest: string, plans: ReadonlyMap<string, Plan>): Plan {
  const plan = plans.get(digest);
  if (plan === undefined) throw new BatonError('internal', `The plan ${digest} was not loaded before its events.`, { digest });
  return plan;
}

/** A node that a fork has taken over as it was. */
function keepNode(state: RunState, { id, status, visit, output, cuts = false, cut_by: cutBy, error }: KeptNode): void {
  const index = state.plan.indexById.get(id);
  if (index === undefined) return;
  Object.assign(state.nodes[index]!, { visit, output, cuts, cutBy: cutBy ?? null, error: error ?? null });
  settle(state, index, status);
}
