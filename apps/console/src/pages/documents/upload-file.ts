import { toProblemError } from '../../api/problem.js';
import { readToken } from '../../api/token.js';

/**
 * Sends one file to be ingested by a run, and returns the run's id. Only `XMLHttpRequest` tells how much of it has gone.
 *
 * @param onSent is told the part that has gone, from 0 to 1
 * @throws ProblemError for all but a success
 */
export function uploadFile(file: File, onSent: (part: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    signal.addEventListener('abort', abort, { once: true });
    request.open('POST', '/api/v1/ingest');
    request.responseType = 'json';
    const token = readToken();
    if (token !== null) request.setRequestHeader('authorization', `Bearer ${token}`);
    request.setRequestHeader('prefer', 'respond-async');
    request.upload.addEventListener('progress', ({ loaded, total }) => onSent(total === 0 ? 1 : loaded / total));
    request.addEventListener('load', () => {
      const answer = request.response as { run_id?: string } | null;
      if (request.status < 300 && answer?.run_id !== undefined) resolve(answer.run_id);
      else reject(toProblemError(answer, request.status));
    });
    request.addEventListener('error', () => reject(toProblemError(new TypeError('not reached'))));
    request.addEventListener('abort', () => reject(new DOMException('The upload was stopped.', 'AbortError')));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    const form = new FormData();
    form.append('files', file, file.webkitRelativePath === '' ? file.name : file.webkitRelativePath);
    request.send(form);
  });
}
