import { isTerminalEvent, type EventType } from '@baton/core';

/** A journal event as the API shows it, as far as the invariants need it. */
export interface SeenEvent {
  seq: number;
  epoch: number;
  type: EventType;
  node_id: string | null;
}

/**
 * What is wrong with a finished run's journal: gaps, epochs that fall, not exactly one terminal event at the end, a node that started again
 * or completed again after it had completed. Once the run is undone, what belongs to its nodes is about that. Empty: nothing.
 */
export function journalViolations(runId: string, events: readonly SeenEvent[]): string[] {
  const violations: string[] = [];
  const say = (event: SeenEvent, what: string): void => void violations.push(`${runId}.${event.seq} ${event.type}: ${what}`);
  const completed = new Set<string>();
  const undoneFrom = events.find(({ type }) => type === 'run.compensating')?.seq ?? Infinity;
  events.forEach((event, index) => {
    if (event.seq !== index + 1) say(event, `stands at place ${index + 1}`);
    if (index > 0 && event.epoch < events[index - 1]!.epoch) say(event, 'its epoch falls');
    if (isTerminalEvent(event.type) !== (index === events.length - 1)) say(event, 'a journal ends with its only terminal event');
    if (event.node_id === null || event.seq > undoneFrom) return;
    if (completed.has(event.node_id)) say(event, `node ${event.node_id} had completed`);
    if (event.type === 'node.completed') completed.add(event.node_id);
  });
  return violations;
}
