import type { JsonObject, JsonValue } from '@baton/core';

export interface Reply {
  status: number;
  headers: Headers;
  body: JsonObject;
}

/** Calls an API as any caller would: JSON in, JSON out, within ten seconds. */
export async function call(
  url: string,
  method: string,
  path: string,
  body?: JsonValue,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as JsonObject) };
}

/** A field of a reply that must be text, such as an id. */
export function textOf(body: JsonObject, field: string): string {
  const value = body[field];
  if (typeof value !== 'string') throw new Error(`no text in \`${field}\`: ${JSON.stringify(body)}`);
  return value;
}

/** Creates a task and returns its id. */
export async function createTask(url: string, title: string): Promise<string> {
  const reply = await call(url, 'POST', '/api/tasks', { title });
  if (reply.status !== 201) throw new Error(`creating a task answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  return textOf(reply.body, 'id');
}
