import { useCallback, useEffect, useRef, useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { openEventStream, type StreamFrame } from '../../api/event-stream.js';
import { toProblemError, type ProblemError } from '../../api/problem.js';
import type { RunEvent } from '../../live/protocol.js';
import { afterEvent, afterPiece, JUST_ASKED, type AskedQuestion, type TokenPiece } from './asked-question.js';

const MAX_TITLE_CHARS = 500;
const MAX_RETRIES = 8;
const RETRY_MS = 1_000;

/** Tells questions from other tasks in their list. */
export const QUESTION_MARK = 'Asked in the console.';

export interface Question {
  taskId: string;
  text: string;
}

/** A question, and how far its answer is: the run of a task, followed while models speak. */
export function useQuestion(taskId: string | null, onAsked: (taskId: string) => void) {
  const [question, setQuestion] = useState<Question | null>(null);
  const [asked, setAsked] = useState<AskedQuestion | null>(null);
  const [error, setError] = useState<ProblemError | null>(null);
  const current = useRef<AbortController | null>(null);
  /** The task that is shown, also while the address does not name it yet. */
  const shown = useRef<string | null>(null);

  /** One question at a time: the one before is not followed any more. */
  const begin = useCallback((follow: (signal: AbortSignal) => Promise<void>) => {
    current.current?.abort();
    const { signal } = (current.current = new AbortController());
    setError(null);
    setAsked(JUST_ASKED);
    follow(signal).catch((reason: unknown) => {
      if (signal.aborted) return;
      setAsked(null);
      setError(toProblemError(reason));
    });
  }, []);
  useEffect(
    () => () => {
      current.current?.abort();
      shown.current = null;
    },
    [],
  );

  const show = useCallback((frame: StreamFrame) => setAsked((before) => after(before ?? JUST_ASKED, frame)), []);

  const ask = useCallback(
    (text: string) =>
      begin(async (signal) => {
        const task = await keepQuestion(text);
        shown.current = task.id;
        setQuestion({ taskId: task.id, text });
        // Open before the run begins: so its first words are heard.
        const path = `/events/tasks/${task.id}?tokens=true`;
        const frames = await openEventStream(path, signal);
        const params = { path: { id: task.id } };
        await api.POST('/api/v1/tasks/{id}/runs', { params, body: {}, signal }).then(unwrap);
        onAsked(task.id);
        await followToEnd(path, signal, show, frames);
      }),
    [begin, onAsked, show],
  );

  useEffect(() => {
    if (taskId === shown.current) return;
    shown.current = taskId;
    if (taskId === null) {
      current.current?.abort();
      setQuestion(null);
      setAsked(null);
      return;
    }
    begin(async (signal) => {
      const { title, input, run } = await api
        .GET('/api/v1/tasks/{id}', { params: { path: { id: taskId } }, signal })
        .then(unwrap);
      setQuestion({ taskId, text: questionOf(input) ?? title });
      if (run !== null) await followToEnd(`/api/v1/runs/${run.id}/events?tokens=true`, signal, show);
      else setAsked(null);
    });
  }, [begin, show, taskId]);

  return { question, asked, error, ask };
}

function keepQuestion(text: string) {
  const title = text.slice(0, MAX_TITLE_CHARS);
  const body = { title, description: QUESTION_MARK, ...(title !== text && { input: { question: text } }) };
  return api.POST('/api/v1/tasks', { body }).then(unwrap);
}

function questionOf(input: unknown): string | null {
  const isAsked = typeof input === 'object' && input !== null && 'question' in input && typeof input.question === 'string';
  return isAsked ? (input.question as string) : null;
}

function after(asked: AskedQuestion, { event, data }: StreamFrame): AskedQuestion {
  return event === 'token' ? afterPiece(asked, JSON.parse(data) as TokenPiece) : afterEvent(asked, JSON.parse(data) as RunEvent);
}

/** Up to the last event of the run. A stream that breaks off is opened again behind the last event that came. */
async function followToEnd(
  path: string,
  signal: AbortSignal,
  show: (frame: StreamFrame) => void,
  opened?: AsyncGenerator<StreamFrame>,
): Promise<void> {
  let position = '';
  for (let failures = 0, frames = opened; ; frames = undefined) {
    try {
      frames ??= await openEventStream(position === '' ? path : `${path}&last_event_id=${position}`, signal);
      for await (const frame of frames) {
        failures = 0;
        if (frame.id !== '') position = frame.id;
        show(frame);
        if (/^run\.(completed|failed|cancelled)$/.test(frame.event)) return;
      }
    } catch (error) {
      const { status } = toProblemError(error);
      if (signal.aborted || (status >= 400 && status < 500)) throw error;
    }
    failures += 1;
    if (failures > MAX_RETRIES) throw new Error('The stream of the answer breaks off again and again.');
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    signal.throwIfAborted();
  }
}
