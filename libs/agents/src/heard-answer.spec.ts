import { expect, test } from '@jest/globals';
import type { NodeContext, TokenPiece } from '@baton/core';
import { hearAnswer, UNHEARD } from './heard-answer.js';

const context = (idempotencyKey: string) => ({ runId: 'r', nodeId: 'n', visit: 2, idempotencyKey }) as NodeContext;

test('an answer goes on its way piece by piece', () => {
  const sent: TokenPiece[] = [];
  const feed = { ...UNHEARD, send: (piece: TokenPiece) => void sent.push(piece) };
  const hear = hearAnswer(feed, context('r/n/2'), 'model-3');
  hear('It', 0);
  hear(' is', 2);
  expect(sent).toEqual([
    { runId: 'r', nodeId: 'n', visit: 2, step: 'model-3', offset: 0, text: 'It' },
    { runId: 'r', nodeId: 'n', visit: 2, step: 'model-3', offset: 2, text: ' is' },
  ]);
});

test('an answer within a map, or of what undoes a node, is told apart by its key', () => {
  const steps: string[] = [];
  const feed = { ...UNHEARD, send: ({ step }: TokenPiece) => void steps.push(step) };
  for (const key of ['r/n/2/4', 'r/n/2/undo']) hearAnswer(feed, context(key), 'model')('x', 0);
  expect(steps).toEqual(['4/model', 'undo/model']);
});
