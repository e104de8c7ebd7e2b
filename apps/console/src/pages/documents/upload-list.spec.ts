import { describe, expect, test } from '@jest/globals';
import type { RunEvent } from '../../live/protocol.js';
import { afterChange, outcomeOf, type Upload } from './upload-list.js';

const upload = (id: number, state: Upload['state'] = { kind: 'waiting' }): Upload => ({ id, name: `${id}.md`, bytes: 1, state });
const event = (type: string, payload: Record<string, unknown> = {}): RunEvent => ({
  ...{ run_id: 'r', seq: 1, epoch: 1, type, node_id: null, visit: 0, attempt: 0, at: '2026-01-01T00:00:00Z', payload },
});
const ingested = (output: object) => [event('step.completed', { output }), event('run.completed')];

test('new uploads come first, and what has ended can be cleared', () => {
  const added = afterChange([upload(1)], { kind: 'added', uploads: [upload(2), upload(3)] });
  expect(added.map(({ id }) => id)).toEqual([2, 3, 1]);
  const refused: Upload['state'] = { kind: 'refused', message: 'No text.' };
  const changed = afterChange(added, { kind: 'changed', id: 3, state: refused });
  expect(changed.map(({ state }) => state.kind)).toEqual(['waiting', 'refused', 'waiting']);
  expect(afterChange(changed, { kind: 'cleared' }).map(({ id }) => id)).toEqual([2, 1]);
});

describe('what became of a file', () => {
  test('is known once its run has ended', () => {
    expect(outcomeOf([event('run.submitted'), event('step.completed', { output: { status: 'ingested', id: 'd' } })])).toBeNull();
    expect(outcomeOf(ingested({ status: 'ingested', id: 'd' }))).toEqual({ kind: 'done', documentId: 'd', isDuplicate: false });
    expect(outcomeOf(ingested({ status: 'duplicate', id: 'd' }))).toMatchObject({ kind: 'done', isDuplicate: true });
  });

  test('says why there is no document', () => {
    expect(outcomeOf(ingested({ status: 'refused', message: 'No text.' }))).toEqual({ kind: 'refused', message: 'No text.' });
    expect(outcomeOf([event('run.failed', { error: { message: 'Away.' } })])).toEqual({ kind: 'refused', message: 'Away.' });
    expect(outcomeOf([event('run.cancelled')])).toMatchObject({ kind: 'refused' });
  });
});
