import { randomBytes, randomInt } from 'node:crypto';
import type { JsonObject } from '@baton/core';
import { call, textOf } from './client.js';
import { openEvents } from './event-stream.js';

/** What nobody knows who has not read the passage: no other document, no model. */
export interface InventedFact {
  passage: string;
  question: string;
  /** The word that a right answer has. */
  word: string;
}

export function inventFact(): InventedFact {
  const town = `Ember${randomBytes(4).toString('hex')}`;
  const word = String(randomInt(10_000, 100_000));
  return {
    passage: `The lighthouse keeper of ${town} hides the spare key under stone number ${word}.`,
    question: `Under which stone does the lighthouse keeper of ${town} hide the spare key?`,
    word,
  };
}

/** What a running Baton made of the fact. */
export interface Told {
  ingested: number;
  /** Of the run, after its end. */
  status: string;
  answer: string;
  /** The passages that the answer cites. */
  cited: string[];
  /** The types of the run's events, as the stream of the task showed them. */
  events: string[];
}

const ENDED = ['run.completed', 'run.failed', 'run.cancelled'];

/** Ingests the passage, asks the question as a task, and follows the task's stream to the end of its run, for at most `boundMs`. */
export async function tellAndAsk(
  url: string,
  fact: InventedFact,
  headers: Record<string, string>,
  boundMs: number,
): Promise<Told> {
  const send = async (path: string, body: JsonObject): Promise<JsonObject> => {
    const reply = await call(url, 'POST', path, body, headers);
    if (reply.status >= 300) throw new Error(`POST ${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`);
    return reply.body;
  };
  const ingest = await send('/api/ingest', { title: 'Lighthouses', text: fact.passage });
  const taskId = textOf(await send('/api/tasks', { title: fact.question }), 'id');
  const stream = await openEvents(`${url}/events/tasks/${taskId}`, headers, boundMs);
  try {
    const runId = textOf(await send('/run-agents', { id: taskId }), 'run_id');
    const frames = await stream.read((seen) => seen.some(({ event }) => ENDED.includes(event)));
    const { body: run } = await call(url, 'GET', `/api/v1/runs/${runId}`, undefined, headers);
    const output = (run['output'] ?? {}) as { answer?: string; citations?: { text: string }[] };
    return {
      ingested: Number(ingest['ingested']),
      status: textOf(run, 'status'),
      answer: output.answer ?? '',
      cited: (output.citations ?? []).map(({ text }) => text),
      events: frames.filter(({ data }) => data.run_id === runId).map(({ event }) => event),
    };
  } finally {
    stream.close();
  }
}
