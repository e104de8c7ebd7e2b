/** A text with the way back and forth. */
export interface EditHistory {
  readonly text: string;
  readonly past: readonly string[];
  readonly future: readonly string[];
  /** When the last keystroke was that may still be joined by the next one; null: none. */
  readonly typedAt: number | null;
}

export type Edit =
  /** Keystrokes close together are undone together. */
  | { kind: 'type'; text: string; at: number }
  | { kind: 'replace'; text: string }
  | { kind: 'undo' }
  | { kind: 'redo' }
  /** Another document: nothing to go back to. */
  | { kind: 'open'; text: string };

const TOGETHER_MS = 800;
const MAX_STEPS = 200;

export function openHistory(text: string): EditHistory {
  return { text, past: [], future: [], typedAt: null };
}

/** The history after an edit; the same object where nothing changes. */
export function editHistory(history: EditHistory, edit: Edit): EditHistory {
  const { text, past, future, typedAt } = history;
  switch (edit.kind) {
    case 'open':
      return openHistory(edit.text);
    case 'undo':
      if (past.length === 0) return history;
      return { text: past.at(-1)!, past: past.slice(0, -1), future: [text, ...future], typedAt: null };
    case 'redo':
      if (future.length === 0) return history;
      return { text: future[0]!, past: [...past, text], future: future.slice(1), typedAt: null };
    case 'replace':
      if (edit.text === text) return history;
      return { text: edit.text, past: [...past, text].slice(-MAX_STEPS), future: [], typedAt: null };
    case 'type': {
      if (edit.text === text) return history;
      const isJoined = typedAt !== null && edit.at - typedAt < TOGETHER_MS;
      return { text: edit.text, past: isJoined ? past : [...past, text].slice(-MAX_STEPS), future: [], typedAt: edit.at };
    }
  }
}
