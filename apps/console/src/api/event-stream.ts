import { toProblemError } from './problem.js';
import { readToken } from './token.js';

/** One Server-Sent Event. `id` is empty where it has no place in a journal. */
export interface StreamFrame {
  id: string;
  event: string;
  data: string;
}

/**
 * Opens a stream of events with the token of the page, which `EventSource` cannot send. It is open when this resolves; the frames end where
 * the connection does.
 *
 * @throws ProblemError for all but a success
 */
export async function openEventStream(path: string, signal: AbortSignal): Promise<AsyncGenerator<StreamFrame>> {
  const token = readToken();
  const headers = { accept: 'text/event-stream', ...(token !== null && { authorization: `Bearer ${token}` }) };
  const response = await fetch(path, { headers, signal });
  if (!response.ok) {
    const problem: unknown = await response.json().catch(() => null);
    throw toProblemError(problem, response.status);
  }
  return readFrames(response.body?.pipeThrough(new TextDecoderStream()) ?? new ReadableStream<string>());
}

/** The frames of a stream, however it is cut into pieces. Comments are left out. */
export async function* readFrames(stream: ReadableStream<string>): AsyncGenerator<StreamFrame> {
  const reader = stream.getReader();
  let pending = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      pending += read.value;
      const blocks = pending.split('\n\n');
      pending = blocks.pop() ?? '';
      for (const block of blocks) {
        const frame = parseFrame(block);
        if (frame !== null) yield frame;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseFrame(block: string): StreamFrame | null {
  const frame: StreamFrame = { id: '', event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    if (name === 'data') data.push(value);
    else if (name === 'id' || name === 'event') frame[name] = value;
  }
  return data.length === 0 ? null : { ...frame, data: data.join('\n') };
}
