import { expect, test } from '@jest/globals';
import { readFrames, type StreamFrame } from './event-stream.js';

const TEXT =
  'retry: 1000\n\n: heartbeat\n\nid: r.1\nevent: run.submitted\ndata: {"seq":1}\n\nevent: token\ndata: {"text":"blue"}\n\ndata: a\ndata: b\n\nid: cut';

async function framesOf(pieces: string[]): Promise<StreamFrame[]> {
  const frames: StreamFrame[] = [];
  const stream = new ReadableStream<string>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  for await (const frame of readFrames(stream)) frames.push(frame);
  return frames;
}

test.each([1, 7, TEXT.length])('reads frames from pieces of %d characters, and none that is cut off', async (size) => {
  const pieces = Array.from({ length: Math.ceil(TEXT.length / size) }, (_, n) => TEXT.slice(n * size, (n + 1) * size));
  expect(await framesOf(pieces)).toEqual([
    { id: 'r.1', event: 'run.submitted', data: '{"seq":1}' },
    { id: '', event: 'token', data: '{"text":"blue"}' },
    { id: '', event: 'message', data: 'a\nb' },
  ]);
});
