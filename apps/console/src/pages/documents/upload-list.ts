import type { RunEvent } from '../../live/protocol.js';

/** A file on its way to being a document. */
export interface Upload {
  id: number;
  name: string;
  bytes: number;
  state:
    | { kind: 'waiting' }
    | { kind: 'sending'; part: number }
    | { kind: 'reading'; runId: string }
    | { kind: 'done'; documentId: string | null; isDuplicate: boolean }
    | { kind: 'refused'; message: string };
}

export type UploadChange =
  { kind: 'added'; uploads: readonly Upload[] } | { kind: 'changed'; id: number; state: Upload['state'] } | { kind: 'cleared' };

/** The list after a change. What has ended can be cleared, what is under way stays. */
export function afterChange(uploads: readonly Upload[], change: UploadChange): readonly Upload[] {
  switch (change.kind) {
    case 'added':
      return [...change.uploads, ...uploads];
    case 'changed':
      return uploads.map((upload) => (upload.id === change.id ? { ...upload, state: change.state } : upload));
    case 'cleared':
      return uploads.filter(({ state }) => !hasEnded(state));
  }
}

export function hasEnded({ kind }: Upload['state']): boolean {
  return kind === 'done' || kind === 'refused';
}

/** What became of the one file of a run of ingestion; null: it is not known yet. */
export function outcomeOf(events: readonly RunEvent[]): Upload['state'] | null {
  const taken = events.flatMap(({ type, payload }) => (type === 'step.completed' ? fileOutcome(payload['output']) : []))[0];
  const last = events.at(-1);
  if (last?.type === 'run.failed') return { kind: 'refused', message: messageOf(last.payload['error']) };
  if (last?.type === 'run.cancelled') return { kind: 'refused', message: 'Its run was cancelled.' };
  return last?.type === 'run.completed' ? (taken ?? { kind: 'done', documentId: null, isDuplicate: false }) : null;
}

function fileOutcome(output: unknown): Upload['state'][] {
  const { status, id, message } = (output ?? {}) as { status?: string; id?: string; message?: string };
  if (status === 'refused') return [{ kind: 'refused', message: message ?? 'It could not be taken in.' }];
  if (status !== 'ingested' && status !== 'duplicate') return [];
  return [{ kind: 'done', documentId: id ?? null, isDuplicate: status === 'duplicate' }];
}

function messageOf(error: unknown): string {
  return (error as { message?: string } | null)?.message ?? 'Its run failed.';
}
