import type { RunEvent } from '../../live/protocol.js';

/** A part of the work on a question: a node of the run. */
export interface Stage {
  id: string;
  status: 'pending' | 'running' | 'completed' | 'failed';
}

/** A passage that an answer rests on. */
export interface Citation {
  n: number;
  title: string;
  document_id: string;
  chunk_id: string;
  text: string;
}

export interface Answer {
  answer: string;
  citations: Citation[];
}

/** A piece of what a model says, while it says it. */
export interface TokenPiece {
  node_id: string;
  step: string;
  offset: number;
  text: string;
}

/** What a model says just now. `next`: where the next piece belongs. */
interface Speech {
  nodeId: string;
  step: string;
  text: string;
  next: number;
}

/** How far the answer to a question is. */
export interface AskedQuestion {
  runId: string | null;
  stages: readonly Stage[];
  speech: Speech | null;
  /** How the run ended. */
  end: { kind: 'answered'; output: unknown } | { kind: 'failed'; code: string; message: string } | null;
}

/** The nodes of the workflow `answer`, before any of them has begun. */
export const JUST_ASKED: AskedQuestion = {
  runId: null,
  stages: ['retrieve', 'draft', 'review', 'synthesise'].map((id) => ({ id, status: 'pending' })),
  speech: null,
  end: null,
};

const STATUS_AFTER: Readonly<Record<string, Stage['status']>> = {
  'node.started': 'running',
  'node.completed': 'completed',
  'node.failed': 'failed',
  'node.skipped': 'completed',
};

/** The question after an event of its run. */
export function afterEvent(asked: AskedQuestion, event: RunEvent): AskedQuestion {
  const next = { ...asked, runId: event.run_id };
  if (event.type === 'run.completed')
    return { ...next, speech: null, end: { kind: 'answered', output: event.payload['output'] } };
  if (event.type === 'run.failed') return { ...next, speech: null, end: failureOf(event.payload['error']) };
  if (event.type === 'run.cancelled') {
    return { ...next, speech: null, end: { kind: 'failed', code: 'cancelled', message: 'The run was cancelled.' } };
  }
  const status = STATUS_AFTER[event.type];
  return status === undefined || event.node_id === null
    ? next
    : { ...next, stages: withStage(asked.stages, event.node_id, status) };
}

/** The question after a piece of an answer. A gap, where pieces were dropped, is shown as one. */
export function afterPiece(asked: AskedQuestion, { node_id: nodeId, step, offset, text }: TokenPiece): AskedQuestion {
  const { speech } = asked;
  const next = offset + text.length;
  const isSame = speech !== null && speech.nodeId === nodeId && speech.step === step && offset > 0;
  const before = !isSame ? '' : speech.next === offset ? speech.text : `${speech.text} … `;
  return { ...asked, speech: { nodeId, step, text: before + text, next } };
}

function withStage(stages: readonly Stage[], id: string, status: Stage['status']): readonly Stage[] {
  if (!stages.some((stage) => stage.id === id)) return [...stages, { id, status }];
  return stages.map((stage) => (stage.id === id ? { id, status } : stage));
}

function failureOf(error: unknown): AskedQuestion['end'] {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return { kind: 'failed', code: code ?? 'failed', message: message ?? 'The run failed.' };
}

/** The answer in the output of a run; null: it is of another kind. */
export function answerOf(output: unknown): Answer | null {
  if (typeof output !== 'object' || output === null || !('answer' in output) || typeof output.answer !== 'string') return null;
  const citations = 'citations' in output && Array.isArray(output.citations) ? (output.citations as Citation[]) : [];
  return { answer: output.answer, citations };
}

const SOURCE_LIST = /\nSources:?\n[\s\S]*$/;
const CITATION = /\[(\d+(?:\s*,\s*\d+)*)\]/g;

/** An answer as texts and the numbers that it cites between them; the list of sources at its end is left out. */
export function partsOfAnswer(answer: string): (string | number)[] {
  const text = answer.replace(SOURCE_LIST, '').trim();
  const parts: (string | number)[] = [];
  let at = 0;
  for (const match of text.matchAll(CITATION)) {
    const before = text.slice(at, match.index);
    if (before.trim() !== '') parts.push(before);
    parts.push(...match[1]!.split(',').map(Number));
    at = match.index + match[0].length;
  }
  return at < text.length ? [...parts, text.slice(at)] : parts;
}

/** The place of a passage in its document, by the id of its chunk. */
export function passageIndex(chunkId: string): number {
  return Number(/\.(\d+)$/.exec(chunkId)?.[1] ?? 0);
}
