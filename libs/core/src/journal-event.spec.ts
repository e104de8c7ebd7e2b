import { describe, expect, it } from '@jest/globals';
import { EVENT_SCHEMAS, isProgress, isTerminalEvent, nodeEvent, runEvent, toWireEvent, type EventType } from './journal-event.js';

const TYPES = Object.keys(EVENT_SCHEMAS) as EventType[];

describe('journal events', () => {
  it('are progress unless they only say that somebody tried', () => {
    expect(TYPES.filter((type) => !isProgress(type))).toEqual([
      ...['run.submitted', 'run.claimed', 'node.started', 'node.dispatched', 'node.interrupted', 'run.waiting'],
      'compensation.started',
    ]);
  });

  it('end a run with exactly three types', () => {
    expect(TYPES.filter(isTerminalEvent)).toEqual(['run.completed', 'run.failed', 'run.cancelled']);
  });

  it('take no unknown field: the union is closed', () => {
    for (const type of TYPES) expect(EVENT_SCHEMAS[type].safeParse({ surprise: 1 }).success).toBe(false);
  });

  it('of a run name no node, of a node its visit and attempt', () => {
    expect(runEvent('run.claimed', 7, { worker_id: 'w' })).toEqual({
      ...{ type: 'run.claimed', nodeId: null, visit: 0, attempt: 0, at: 7, payload: { worker_id: 'w' } },
    });
    expect(nodeEvent('node.started', { id: 'a', visit: 1, attempt: 2 }, 7, {})).toEqual({
      ...{ type: 'node.started', nodeId: 'a', visit: 1, attempt: 2, at: 7, payload: {} },
    });
  });

  it('go out under their wire names, with the instant as text', () => {
    const event = {
      ...nodeEvent('node.completed', { id: 'a', visit: 1, attempt: 1 }, 0, { output: 5 }),
      runId: 'r',
      seq: 4,
      epoch: 2,
    };
    expect(toWireEvent(event)).toEqual({
      ...{ run_id: 'r', seq: 4, epoch: 2, type: 'node.completed', node_id: 'a', visit: 1, attempt: 1 },
      ...{ at: '1970-01-01T00:00:00.000Z', payload: { output: 5 } },
    });
  });
});
