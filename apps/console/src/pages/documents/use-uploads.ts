import { useCallback, useEffect, useReducer, useRef } from 'react';
import { toProblemError } from '../../api/problem.js';
import { uploadFile } from './upload-file.js';
import { afterChange, type Upload } from './upload-list.js';

const AT_ONCE = 3;
let lastId = 0;

/** Files on their way in, a few at a time. Each is a run of its own, so that one that is refused keeps no other. */
export function useUploads() {
  const [uploads, change] = useReducer(afterChange, []);
  const queue = useRef<{ id: number; file: File }[]>([]);
  const sending = useRef(0);
  const left = useRef<AbortController | null>(null);
  useEffect(() => {
    const controller = (left.current = new AbortController());
    return () => controller.abort();
  }, []);

  const setState = useCallback((id: number, state: Upload['state']) => change({ kind: 'changed', id, state }), []);
  const sendNext = useCallback(() => {
    const next = sending.current < AT_ONCE ? queue.current.shift() : undefined;
    if (next === undefined || left.current === null) return;
    const { id, file } = next;
    sending.current += 1;
    const onSent = (part: number): void => setState(id, { kind: 'sending', part });
    onSent(0);
    uploadFile(file, onSent, left.current.signal)
      .then((runId) => setState(id, { kind: 'reading', runId }))
      .catch((error: unknown) => setState(id, { kind: 'refused', message: toProblemError(error).detail }))
      .finally(() => {
        sending.current -= 1;
        sendNext();
      });
  }, [setState]);

  const add = useCallback(
    (files: readonly File[]) => {
      const added = files.map((file) => ({ id: (lastId += 1), file }));
      queue.current.push(...added);
      const shown = added.map(({ id, file }): Upload => ({ id, name: file.name, bytes: file.size, state: { kind: 'waiting' } }));
      change({ kind: 'added', uploads: shown });
      for (let n = 0; n < AT_ONCE; n += 1) sendNext();
    },
    [sendNext],
  );
  const clear = useCallback(() => change({ kind: 'cleared' }), []);
  return { uploads, add, clear, setState };
}
