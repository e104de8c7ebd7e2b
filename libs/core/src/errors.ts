import { inspect } from 'node:util';
import type { ChatUsage } from './chat-model.js';
import type { JsonObject } from './json.js';

/**
 * Every error that Baton tells a caller, with a title that never changes and the remedy.
 * The edge chooses the HTTP status; the domain knows none.
 */
export const ERROR_CODES = {
  invalid_request: { title: 'The request is not valid', remedy: 'Correct the fields named in `problems`.' },
  unauthenticated: { title: 'No valid token', remedy: 'Send `Authorization: Bearer <token>`.' },
  forbidden: { title: 'Not allowed', remedy: 'Use a token with the role named in `detail`.' },
  not_found: { title: 'No such resource', remedy: 'Check the path; `/docs` lists all of them.' },
  task_not_found: { title: 'No such task', remedy: 'Create the task with POST /api/tasks, or list tasks with GET /api/tasks.' },
  run_not_found: { title: 'No such run', remedy: 'Check the id, or list runs with GET /api/v1/runs.' },
  workflow_not_found: { title: 'No such workflow', remedy: 'List workflows with GET /api/v1/workflows.' },
  expression_invalid: {
    title: 'The expression is not valid',
    remedy: 'Mend it at the place named; docs/workflows.md describes the language.',
  },
  expression_failed: {
    title: 'The expression could not be evaluated',
    remedy: 'Guard what may be absent with `has(…)` or `.?`.',
  },
  limit_exceeded: { title: 'The definition exceeds a limit', remedy: 'Make it smaller, or raise the limit named in `detail`.' },
  unsupported_pattern: {
    title: 'The orchestration pattern is not supported',
    remedy: 'Use supervisor, hierarchical, handoff, swarm, network, custom, or a pattern of GET /api/v1/patterns/available.',
  },
  insufficient_capacity: {
    title: 'More than there is in all',
    remedy: 'Ask for less, or raise the capacity named in `detail`.',
  },
  workflow_archived: { title: 'The workflow is archived', remedy: 'Publish it anew with POST /api/v1/workflows.' },
  workflow_invalid: { title: 'The workflow definition is not valid', remedy: 'Mend each entry of `problems`.' },
  agent_not_found: {
    title: 'No such agent',
    remedy: 'Create it with POST /api/v1/agents, or list agents with GET /api/v1/agents.',
  },
  pattern_not_found: { title: 'No such pattern', remedy: 'List patterns with GET /api/v1/patterns/available.' },
  pattern_exists: {
    title: 'The name belongs to another pattern',
    remedy: 'Choose another name, or replace that pattern with PUT.',
  },
  pattern_invalid: { title: 'The pattern or its parameters are not valid', remedy: 'Mend each entry of `problems`.' },
  agent_exists: { title: 'The name belongs to another agent', remedy: 'Choose another name, or replace that agent with PUT.' },
  document_not_found: { title: 'No such document', remedy: 'Check the id, or list documents with GET /api/documents.' },
  document_unsupported: {
    title: 'Files of this type cannot be read',
    remedy: 'Send PDF, HTML, DOCX, Markdown or plain text.',
  },
  document_unreadable: { title: 'The file is broken', remedy: 'Open it where it was made, save it anew, and send that.' },
  document_encrypted: { title: 'The file is encrypted', remedy: 'Remove its password, and send it again.' },
  document_empty: { title: 'The file has no text', remedy: 'Send a file with text; one with scanned pages needs OCR first.' },
  payload_not_found: { title: 'No such payload', remedy: 'Take its SHA-256 from a reference in the run.' },
  artifact_not_found: { title: 'No such artifact', remedy: 'List them with GET /api/v1/artifacts.' },
  blob_damaged: { title: 'A stored payload is damaged', remedy: 'Send the file again, and check the disk of the database.' },
  already_running: { title: 'The task already has a live run', remedy: 'Watch the live run, or wait until it ends.' },
  idempotency_key_reused: {
    title: 'The Idempotency-Key was used with another request',
    remedy: 'Use a fresh key for a different request.',
  },
  stale_revision: {
    title: 'The resource has changed since it was read',
    remedy: 'Read it again and repeat the change with its `revision`.',
  },
  reembedding: {
    title: 'The documents are being embedded anew',
    remedy: 'Wait until the run `reembed_run_id` has ended, or cancel it.',
  },
  patch_invalid: { title: 'The patch is not valid', remedy: 'Mend each entry of `problems`, and send the patch again.' },
  patch_refused: {
    title: 'The run can no longer be changed like this',
    remedy: 'Change only nodes that have not started, or fork the run.',
  },
  run_not_ended: { title: 'The run has not ended', remedy: 'Wait until it ends, or cancel it.' },
  cannot_pause: {
    title: 'The run cannot be paused in its state',
    remedy: 'See `status`: a run that is being undone goes on to its end.',
  },
  not_paused: { title: 'The run is not paused', remedy: 'Nothing: it goes on by itself.' },
  nothing_to_retry: { title: 'Nothing of the run has failed', remedy: 'Fork it from the node to run again.' },
  no_live_run: { title: 'The workflow has no live run', remedy: 'Start one, or name a run by its id.' },
  several_live_runs: { title: 'The workflow has several live runs', remedy: 'Name one of `runs` by its id.' },
  approval_not_found: { title: 'No such approval', remedy: 'List those that wait with GET /api/v1/approvals.' },
  approval_closed: {
    title: 'The approval no longer waits',
    remedy: 'See `approval`: it was decided before, or its time has passed.',
  },
  approval_forbidden: { title: 'Somebody else is asked', remedy: 'See `role` and `assignees` of the approval.' },
  already_voted: { title: 'The approval has your vote', remedy: 'Nothing: wait for the others.' },
  approval_payload_invalid: {
    title: 'The payload does not fit the approval',
    remedy: 'Mend each entry of `problems`: `payload_schema` of the approval says what may be sent.',
  },
  links_disabled: { title: 'There are no approval links', remedy: 'Set APPROVAL_LINK_SECRET, or decide logged in.' },
  link_invalid: { title: 'The link is not valid', remedy: 'Use it whole, as it was sent, or ask for a new one.' },
  link_expired: { title: 'The link has expired', remedy: 'Ask for a new one, or decide logged in.' },
  link_used: { title: 'The link has been used', remedy: 'Nothing: it decides once.' },
  budget_exceeded: {
    title: 'The budget is used up',
    remedy: 'Raise `budget` of the definition, or let the run ask: `on_budget: ask`.',
  },
  run_ended: { title: 'The run has ended', remedy: 'Start a new run.' },
  payload_too_large: { title: 'The payload is too large', remedy: 'Send less, or raise the limit named in `detail`.' },
  unsupported_media_type: { title: 'The content type is not supported', remedy: 'Send application/json.' },
  already_executing: {
    title: 'The workflow is executing already',
    remedy: 'Wait until its live run ends, cancel it, or let the workflow queue its runs: `limits.on_limit`.',
  },
  limit_reached: {
    title: 'A limit on live runs is reached',
    remedy: 'Try again after `Retry-After` seconds, or raise the limit named in `detail`.',
  },
  dead_letter_not_found: { title: 'No such dead letter', remedy: 'List them with GET /api/v1/dead-letters.' },
  dead_letter_open: {
    title: 'A dead letter of the run is open',
    remedy: 'Replay or discard it with POST /api/v1/dead-letters/{run_id}/replay or /discard, then remove the run.',
  },
  dead_letter_discarded: { title: 'The dead letter was discarded', remedy: 'Retry its run with POST /api/v1/runs/{id}/retry.' },
  backlog_full: { title: 'Too many runs are queued', remedy: 'Try again after `Retry-After` seconds, or add workers.' },
  overloaded: { title: 'Momentarily too busy', remedy: 'Try again after `Retry-After` seconds.' },
  storage_unavailable: { title: 'The database cannot be reached', remedy: 'Try again after `Retry-After` seconds.' },
  vectors_unavailable: { title: 'The vector store cannot be reached', remedy: 'Try again after `Retry-After` seconds.' },
  queue_unavailable: { title: 'The queue cannot be reached', remedy: 'Nothing: accepted runs are dispatched when it is back.' },
  unhealthy: { title: 'A part does not work', remedy: 'See `parts`: each that is not `ok` says why.' },
  timeout: { title: 'A time limit has passed', remedy: 'Raise the limit, or make the work smaller.' },
  node_failed: { title: 'A node failed', remedy: 'See the error of the node, mend its cause, and start a new run.' },
  run_timeout: {
    title: 'The run took too long',
    remedy: 'Raise `timeout` of the definition or RUN_TIMEOUT, or make the work smaller; pauses do not count.',
  },
  deadlock: {
    title: 'Nothing of the run can go on',
    remedy: 'See `nodes`: what they depend on never comes to an end. Mend the definition, and start a new run.',
  },
  visits_exceeded: {
    title: 'A node was to be entered too often',
    remedy: 'Let its loop end earlier, or raise `limits.visits` of the definition.',
  },
  circuit_open: {
    title: 'Calls to the target are stopped for a while',
    remedy: 'Nothing: the node is tried again at `until`. See GET /api/v1/health/targets.',
  },
  rate_limited: {
    title: 'Calls to the target are limited',
    remedy: 'Nothing: the node is tried again when its turn comes. See RATE_LIMITS and HTTP_MAX_PER_HOST.',
  },
  child_failed: {
    title: 'A child run did not complete',
    remedy: 'See the child run named in `details`: mend its cause, and retry the run.',
  },
  poison_run: {
    title: 'The run was claimed again and again without progress',
    remedy: 'A node of it probably kills its worker: see the last node that started.',
  },
  pool_deadline: {
    title: 'No worker of the pool was done in time',
    remedy: 'Start workers for the pool (WORKER_POOLS), or raise the limit named in `detail`.',
  },
  poison_node: {
    title: 'The node was taken again and again without an end',
    remedy: 'It probably kills its worker: see the logs of the workers of its pool.',
  },
  tool_not_found: {
    title: 'No such tool',
    remedy: 'Name a tool that the workers have (see docs/agents.md), or start a worker that has it.',
  },
  mcp_failed: {
    title: 'An MCP server did not do what was asked',
    remedy: 'See its answer, and the server of that name in MCP_SERVERS.',
  },
  correction_failed: {
    title: 'An agent did not mend its mistakes',
    remedy: 'See the last one: make the task or `output_schema` simpler, or raise `max_corrections` of the node.',
  },
  model_failed: { title: 'The model did not answer', remedy: 'Check the model endpoint and its key.' },
  model_answer_too_large: {
    title: 'The model answered with too much',
    remedy:
      'Ask for less (`max_tokens` of the node), or raise MODEL_MAX_ANSWER_BYTES, or `max_answer_bytes` of the provider in MODEL_PROVIDERS.',
  },
  http_refused: {
    title: 'The call is not allowed',
    remedy: 'Call a public host over http or https, or let the operator name the target in HTTP_ALLOW.',
  },
  http_failed: { title: 'The call failed', remedy: 'See the status and the answer in the error of the node.' },
  unknown_event_version: {
    title: 'The journal holds an event of a newer version',
    remedy: 'Let a worker of the newer version continue the run, or update this one.',
  },
  config_invalid: { title: 'The configuration is not valid', remedy: 'Mend each variable named.' },
  internal: { title: 'An unexpected error', remedy: 'See the log entry with the same `request_id`.' },
} as const satisfies Record<string, { title: string; remedy: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One thing that is wrong with an input: a JSON pointer, what is wrong, how to mend it. */
export interface Problem {
  pointer: string;
  message: string;
  /** Which kind of fault it is, where there are several. */
  code?: string;
  remedy?: string;
  /** Where in the text that the pointer leads to, in characters from 0. */
  position?: { start: number; end: number };
}

/** An error as it is journaled and sent: plain data. */
export interface ErrorInfo {
  code: string;
  message: string;
  retryable?: boolean;
  /** The other side asked not to be tried again before so many milliseconds. */
  retry_after_ms?: number;
  details?: JsonObject;
}

/** For a request of which not the fields are wrong: it cannot be read, for example. */
const NO_FIELD = { remedy: 'Correct what `detail` says.' };

/** The one error class of the domain: a code of {@link ERROR_CODES}, the ids it concerns, what to do about it. */
export class BatonError extends Error {
  readonly remedy: string;

  constructor(
    readonly code: ErrorCode,
    detail: string,
    readonly context: JsonObject = {},
    readonly options: {
      cause?: unknown;
      problems?: readonly Problem[];
      retryAfterSeconds?: number;
      remedy?: string;
      /** False: trying again cannot help. */
      retryable?: boolean;
      /** What the call of a model has used that failed. */
      usage?: ChatUsage;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BatonError';
    const { remedy } = code === 'invalid_request' && options.problems === undefined ? NO_FIELD : ERROR_CODES[code];
    this.remedy = options.remedy ?? remedy;
  }
}

/** Characters of a message that the journal keeps. */
const MESSAGE_LIMIT = 2_000;

/** Turns anything thrown into plain data for the journal, bounded in size. A stack never leaves the log. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof BatonError) {
    const { retryable, retryAfterSeconds } = error.options;
    return {
      code: error.code,
      message: error.message.slice(0, MESSAGE_LIMIT),
      ...(retryable !== undefined && { retryable }),
      ...(retryAfterSeconds !== undefined && { retry_after_ms: Math.ceil(retryAfterSeconds * 1_000) }),
      ...(Object.keys(error.context).length > 0 && { details: error.context }),
    };
  }
  const message = error instanceof Error ? error.message || error.name : typeof error === 'string' ? error : inspect(error);
  return { code: 'node_failed', message: message.slice(0, MESSAGE_LIMIT) };
}
