import type { JsonObject } from '@baton/core';
import type { Reply } from './client.js';

export interface SentFile {
  name: string;
  content: string | Uint8Array;
  type?: string;
}

/** Sends files to POST /api/ingest as a browser or curl would. */
export async function sendFiles(url: string, files: readonly SentFile[], headers: Record<string, string> = {}): Promise<Reply> {
  const form = new FormData();
  for (const { name, content, type } of files) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    form.append('files', new Blob([new Uint8Array(bytes)], type === undefined ? {} : { type }), name);
  }
  const signal = AbortSignal.timeout(60_000);
  const response = await fetch(`${url}/api/ingest`, { method: 'POST', body: form, headers, signal });
  return { status: response.status, headers: response.headers, body: (await response.json()) as JsonObject };
}
