import type { BatonError, ErrorCode, JsonObject, Problem } from '@baton/core';
import { ERROR_CODES } from '@baton/core';

/** The one place that chooses an HTTP status. A new code does not compile without one. */
const STATUS: Record<ErrorCode, number> = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  task_not_found: 404,
  run_not_found: 404,
  workflow_not_found: 404,
  workflow_invalid: 422,
  workflow_archived: 409,
  child_failed: 422,
  expression_invalid: 422,
  expression_failed: 422,
  limit_exceeded: 422,
  unsupported_pattern: 400,
  insufficient_capacity: 507,
  agent_not_found: 404,
  agent_exists: 409,
  document_not_found: 404,
  payload_not_found: 404,
  artifact_not_found: 404,
  document_unsupported: 415,
  document_unreadable: 422,
  document_encrypted: 422,
  document_empty: 422,
  blob_damaged: 500,
  already_running: 409,
  idempotency_key_reused: 422,
  stale_revision: 409,
  reembedding: 409,
  patch_invalid: 422,
  patch_refused: 409,
  run_not_ended: 409,
  dead_letter_open: 409,
  cannot_pause: 409,
  not_paused: 409,
  nothing_to_retry: 409,
  no_live_run: 409,
  several_live_runs: 409,
  approval_not_found: 404,
  pattern_not_found: 404,
  pattern_exists: 409,
  pattern_invalid: 422,
  approval_closed: 409,
  budget_exceeded: 429,
  approval_forbidden: 403,
  already_voted: 409,
  approval_payload_invalid: 422,
  links_disabled: 403,
  link_invalid: 404,
  link_expired: 410,
  link_used: 409,
  run_ended: 409,
  pool_deadline: 504,
  poison_node: 500,
  payload_too_large: 413,
  unsupported_media_type: 415,
  already_executing: 409,
  limit_reached: 429,
  dead_letter_not_found: 404,
  dead_letter_discarded: 409,
  backlog_full: 503,
  overloaded: 503,
  storage_unavailable: 503,
  vectors_unavailable: 503,
  queue_unavailable: 503,
  unhealthy: 503,
  unknown_event_version: 500,
  timeout: 503,
  node_failed: 500,
  run_timeout: 500,
  deadlock: 500,
  visits_exceeded: 500,
  circuit_open: 503,
  rate_limited: 429,
  poison_run: 500,
  tool_not_found: 422,
  correction_failed: 422,
  mcp_failed: 502,
  model_failed: 503,
  model_answer_too_large: 502,
  http_refused: 422,
  http_failed: 502,
  config_invalid: 500,
  internal: 500,
};

const DEFAULT_RETRY_AFTER_SECONDS = 2;

/** An RFC 9457 problem, with the ids that the error concerns as further members. */
interface ProblemDocument extends JsonObject {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  remedy: string;
  request_id: string;
}

export interface ProblemReply {
  status: number;
  headers: Record<string, string>;
  body: ProblemDocument;
}

/** After how many whole seconds a caller may try again; null: trying again does not help. */
export function retryAfterSecondsOf(error: BatonError): number | null {
  const status = STATUS[error.code];
  if (status !== 503 && status !== 429) return null;
  return Math.ceil(error.options.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS);
}

/** What a caller is told of an error. `Retry-After` (whole seconds) comes with each 503 and 429. */
export function toProblem(error: BatonError, request: { path: string; id: string }): ProblemReply {
  const status = STATUS[error.code];
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  const retryAfterSeconds = retryAfterSecondsOf(error);
  if (retryAfterSeconds !== null) headers['retry-after'] = String(retryAfterSeconds);
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="baton", Basic realm="baton"';
  const { problems } = error.options;
  return {
    status,
    headers,
    body: {
      ...error.context,
      type: `urn:baton:problem:${error.code}`,
      title: ERROR_CODES[error.code].title,
      status,
      detail: error.message,
      instance: request.path,
      code: error.code,
      remedy: error.remedy,
      request_id: request.id,
      ...(problems !== undefined && { problems: problems.map(toWireProblem) }),
    },
  };
}

function toWireProblem({ pointer, message, code, remedy, position }: Problem): JsonObject {
  return {
    ...{ pointer, message },
    ...(code !== undefined && { code }),
    ...(remedy !== undefined && { remedy }),
    ...(position !== undefined && { position }),
  };
}
