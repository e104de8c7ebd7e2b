import { awaitChildren } from './child-state.js';
import type { EventPayload } from './journal-event.js';
import type { JsonObject } from './json.js';
import { leaveQueues, makeReady } from './node-queues.js';
import type { RunState } from './run-state.js';
import { awaitedKey, eventIdOf, type SignalType } from './signal.js';

/** Events that a run remembers to have received: one that comes again does so within some seconds. */
const REMEMBERED_EVENTS = 100;

/** A signal has come: it is kept for the node that waits for it, or will. */
export function keepSignal(state: RunState, signalId: number, key: string | null, payload: JsonObject): void {
  if (key === null) return;
  const kept = state.mailbox.get(key);
  if (kept === undefined) state.mailbox.set(key, [{ signalId, payload }]);
  else kept.push({ signalId, payload });
}

/** What was received counts once, however often it was sent. */
export function rememberEvent(state: RunState, type: SignalType, payload: JsonObject): void {
  const id = eventIdOf(type, payload);
  if (id === null) return;
  state.receivedEvents.add(id);
  const [oldest] = state.receivedEvents;
  if (state.receivedEvents.size > REMEMBERED_EVENTS) state.receivedEvents.delete(oldest!);
}

/** The node waits. */
export function suspend(state: RunState, index: number, payload: EventPayload<'node.suspended'>, at: number): void {
  leaveQueues(state, index);
  const node = state.nodes[index]!;
  node.status = 'waiting';
  node.wait = { key: payload.key, awaits: payload.awaits, wakeAt: payload.wake_at, reason: payload.reason, since: at };
  if (payload.awaits.kind === 'children') awaitChildren(state, index, payload);
  if (payload.wake_at !== null) state.sleeping.set(index, payload.wake_at);
  const key = awaitedKey(payload.awaits, state.plan.nodes[index]!.id, node.visit);
  if (key === null) return;
  const waiting = state.awaiting.get(key);
  if (waiting === undefined) state.awaiting.set(key, [index]);
  else waiting.push(index);
}

/** The wait of the node is over, and its output is that of a step. */
export function resume(state: RunState, index: number, { key, output, signal_id: signalId }: EventPayload<'node.resumed'>): void {
  const node = state.nodes[index]!;
  const signal = node.wait === null ? null : awaitedKey(node.wait.awaits, state.plan.nodes[index]!.id, node.visit);
  if (signal !== null) {
    drop(state.awaiting, signal, (waiting) => waiting === index);
    if (signalId !== null) drop(state.mailbox, signal, (kept) => kept.signalId === signalId);
  }
  leaveQueues(state, index);
  node.wait = null;
  node.goesOn = true;
  (node.steps ??= new Map()).set(key, output);
  makeReady(state, index);
}

/** Removes the first entry of a list that fits, and the list with its last entry. */
function drop<T>(lists: Map<string, T[]>, key: string, fits: (entry: T) => boolean): void {
  const list = lists.get(key);
  const at = list?.findIndex(fits) ?? -1;
  if (list === undefined || at < 0) return;
  list.splice(at, 1);
  if (list.length === 0) lists.delete(key);
}
