import type { WireEvent } from '@baton/core';

/** One frame of a Server-Sent Events stream. */
interface Frame {
  id: string;
  event: string;
  data: WireEvent;
}

/** An open stream of events. */
export interface EventStream {
  status: number;
  headers: Headers;
  /** Frames until `enough` says so or the stream ends; each frame is given once over all calls. */
  read(enough: (frames: readonly Frame[]) => boolean): Promise<Frame[]>;
  /** Everything that came, comments included. */
  readonly text: string;
  /** Resolves at the end of the stream. */
  ended(): Promise<void>;
  close(): void;
}

/** Opens a stream and gives up after `boundMs`. */
export async function openEvents(url: string, headers: Record<string, string> = {}, boundMs = 15_000): Promise<EventStream> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(boundMs)]);
  const response = await fetch(url, { headers, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let seen = 0;
  const pull = async (): Promise<boolean> => {
    const chunk = await reader?.read();
    text += chunk?.value ?? '';
    return chunk?.done === false;
  };
  const take = (): Frame[] => {
    const end = text.lastIndexOf('\n\n');
    const frames = end < seen ? [] : text.slice(seen, end).split('\n\n').flatMap(parseFrame);
    seen = Math.max(seen, end + 2);
    return frames;
  };
  return {
    status: response.status,
    headers: response.headers,
    get text() {
      return text;
    },
    async read(enough) {
      const frames = take();
      while (!enough(frames)) {
        const more = await pull();
        frames.push(...take());
        if (!more) break;
      }
      return frames;
    },
    async ended() {
      while (await pull());
    },
    close: () => controller.abort(),
  };
}

function parseFrame(text: string): Frame[] {
  const fields = new Map(
    text.split('\n').map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const data = fields.get('data');
  if (data === undefined) return [];
  return [{ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) as WireEvent }];
}
