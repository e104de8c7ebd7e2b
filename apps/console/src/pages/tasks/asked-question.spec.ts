import { describe, expect, test } from '@jest/globals';
import type { RunEvent } from '../../live/protocol.js';
import { afterEvent, afterPiece, answerOf, JUST_ASKED, partsOfAnswer, passageIndex } from './asked-question.js';

const event = (type: string, nodeId: string | null = null, payload: Record<string, unknown> = {}): RunEvent => ({
  ...{ run_id: 'r', seq: 1, epoch: 1, type, node_id: nodeId, visit: 1, attempt: 1, at: '2026-01-01T00:00:00Z', payload },
});
const piece = (offset: number, text: string, nodeId = 'draft') => ({ node_id: nodeId, step: 'model', offset, text });

describe('a question that was asked', () => {
  test('shows how far its run is, and nodes that nobody expected', () => {
    const asked = [event('run.submitted'), event('node.started', 'retrieve'), event('node.completed', 'retrieve')]
      .concat(event('node.started', 'draft'), event('node.started', 'extra'), event('node.failed', 'extra'))
      .reduce(afterEvent, JUST_ASKED);
    expect(asked.runId).toBe('r');
    expect(asked.stages.map(({ id, status }) => `${id} ${status}`)).toEqual([
      ...['retrieve completed', 'draft running', 'review pending', 'synthesise pending', 'extra failed'],
    ]);
  });

  test('hears the answer piece by piece, of the one who speaks now', () => {
    const said = [piece(0, 'The '), piece(4, 'sky')].reduce(afterPiece, JUST_ASKED);
    expect(said.speech?.text).toBe('The sky');
    expect(afterPiece(said, piece(9, 'blue')).speech?.text).toBe('The sky … blue');
    expect(afterPiece(said, piece(0, 'Anew')).speech?.text).toBe('Anew');
    expect(afterPiece(said, piece(0, 'Fine', 'review')).speech).toMatchObject({ nodeId: 'review', text: 'Fine' });
  });

  test('ends with its answer, or says why there is none', () => {
    const said = afterPiece(JUST_ASKED, piece(0, 'The '));
    expect(afterEvent(said, event('run.completed', null, { output: 7 }))).toMatchObject({
      ...{ speech: null, end: { kind: 'answered', output: 7 } },
    });
    const error = { code: 'model_failed', message: 'No model.' };
    expect(afterEvent(said, event('run.failed', null, { error })).end).toEqual({ kind: 'failed', ...error });
    expect(afterEvent(said, event('run.cancelled')).end).toMatchObject({ kind: 'failed', code: 'cancelled' });
  });
});

test('an answer is read from outputs that have one', () => {
  const citations = [{ n: 1, title: 'T', document_id: 'd', chunk_id: 'd.3', text: 'text' }];
  expect(answerOf({ answer: 'Blue [1].', citations })).toEqual({ answer: 'Blue [1].', citations });
  expect(answerOf({ answer: 'Blue.' })).toEqual({ answer: 'Blue.', citations: [] });
  expect([null, 'Blue', { answer: 1 }].map(answerOf)).toEqual([null, null, null]);
});

test('an answer is cut at what it cites, without its list of sources', () => {
  expect(partsOfAnswer('It is blue [1][2]. Always [1, 3].\n\nSources:\n[1] T')).toEqual([
    'It is blue ',
    1,
    2,
    '. Always ',
    1,
    3,
    '.',
  ]);
  expect(partsOfAnswer('None.')).toEqual(['None.']);
});

test('a chunk names its place in the document', () => {
  expect([passageIndex('0199.x.12'), passageIndex('odd')]).toEqual([12, 0]);
});
