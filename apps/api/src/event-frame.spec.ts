import { expect, it } from '@jest/globals';
import { runEvent, type JournalEvent } from '@baton/core';
import { frameOf } from './event-frame.js';

const event = (payload: { worker_id: string }): JournalEvent => ({
  ...{ ...runEvent('run.claimed', Date.UTC(2030, 0, 1), payload), runId: 'r', seq: 2, epoch: 1 },
});

it('is one block of a stream, whatever the event says', () => {
  const frame = frameOf(event({ worker_id: 'w\n\n1' }));
  expect(frame).toMatch(/^id: r\.2\nevent: run\.claimed\ndata: [^\n]+\n\n$/);
  expect(JSON.parse(/^data: (.*)$/m.exec(frame)![1]!)).toMatchObject({ seq: 2, payload: { worker_id: 'w\n\n1' } });
});

it('is written once for all clients that are sent the same event', () => {
  let times = 0;
  const counted = {
    worker_id: 'w1',
    toJSON() {
      times += 1;
      return { worker_id: 'w1' };
    },
  };
  const sent = event(counted);
  const frames = Array.from({ length: 100 }, () => frameOf(sent));
  expect([new Set(frames).size, times]).toEqual([1, 1]);
});
