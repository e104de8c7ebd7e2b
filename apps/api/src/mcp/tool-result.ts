import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { RUN_STATUSES, type BatonError, type JsonObject, type RunWithResult } from '@baton/core';
import { toShownPayload } from '../wire/payload.js';
import { Failure } from '../wire/run.js';

/** How a run stands, as tools say it. */
const RunResult = z.object({
  run_id: z.string(),
  status: z.enum(RUN_STATUSES),
  output: z.json().describe('Null until the run has completed.'),
  error: Failure.nullable(),
  why: z.string().nullable().describe('Of a run that has not ended: one sentence that says why.'),
});

const { $schema: _, ...schema } = z.toJSONSchema(RunResult);
/** JSON Schema of what {@link runResult} gives. */
export const RUN_RESULT_SCHEMA = schema as JsonObject & { type: 'object' };

/** `why`: null where the run has ended. */
export function runResult(run: RunWithResult, why: string | null): CallToolResult {
  const { id, status, output, error } = run;
  const structuredContent = {
    ...{ run_id: id, status, output: toShownPayload(output), error, why },
  } satisfies z.input<typeof RunResult>;
  const isError = status === 'failed' || status === 'cancelled';
  return { ...said(JSON.stringify(structuredContent)), structuredContent, ...(isError && { isError }) };
}

/** What was asked is not done, and why, in words that a model can act on. */
export function refusal(error: BatonError): CallToolResult {
  const { code, message, remedy } = error;
  const problems = (error.options.problems ?? []).map(({ pointer, message: wrong }) => `${pointer}: ${wrong}`);
  return { ...said([`${message} (${code})`, ...problems, remedy].join('\n')), isError: true };
}

function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}
