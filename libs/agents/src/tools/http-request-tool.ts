import {
  BatonError,
  type JsonObject,
  type JsonValue,
  type LogFields,
  type OutboundHttp,
  type OutboundResponse,
} from '@baton/core';
import { z } from 'zod';
import { StepTool, type ToolContext } from './agent-tool.js';
import { MAX_RESULT_CHARS, wholeCharacters } from './tool-result.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const MAX_REQUEST_CHARS = 100_000;
/** Left for the rest of the answer. */
const MAX_BODY_CHARS = MAX_RESULT_CHARS - 2_000;

/** What the model is told, though a later call might fare better: it can choose another. */
const TOLD: ReadonlySet<string> = new Set(['http_refused', 'http_failed']);

/** Headers that say who calls, or that frame the message: a model has no say in them. */
const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect'],
  ...['idempotency-key', 'cookie', 'proxy-authorization', 'proxy-connection', 'keep-alive'],
]);

const HeaderName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/)
  .refine((name) => !FORBIDDEN_HEADERS.has(name.toLowerCase()), 'this header cannot be set');

const Arguments = z
  .object({
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    url: z
      .url({ protocol: /^https?$/ })
      .max(8_192)
      .describe('Whole, with its query.'),
    headers: z.record(HeaderName, z.string().max(8_192)).optional(),
    json: z.unknown().optional().describe('The body, as JSON.'),
    text: z.string().max(MAX_REQUEST_CHARS).optional().describe('The body, as plain text.'),
  })
  .refine(({ json, text }) => json === undefined || text === undefined, 'set one of `json` and `text`')
  .refine(({ json }) => (JSON.stringify(json) ?? '').length <= MAX_REQUEST_CHARS, 'the body is too large');
type Arguments = z.infer<typeof Arguments>;

/**
 * Calls a URL through the guarded client, once; a repeat after a crash carries the same idempotency key. Whatever is answered, or refused, is
 * told to the model.
 */
export class HttpRequestTool extends StepTool<Arguments> {
  readonly name = 'http_request';
  readonly description =
    'Calls a public URL and gives the status, the content type and the body of the answer; long bodies are cut off.';
  readonly parameters = Arguments;
  override readonly example: JsonObject = { method: 'GET', url: 'https://example.org/items?limit=10' };

  constructor(private readonly http: OutboundHttp) {
    super();
  }

  protected async run(
    { tenantId }: ToolContext,
    { method, url, headers = {}, json, text }: Arguments,
    { idempotencyKey, signal }: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<JsonValue> {
    const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json';
    const body = json === undefined ? (text ?? null) : JSON.stringify(json);
    try {
      const response = await this.http.send({
        ...{ method, url, body, tenantId, ticket: idempotencyKey, signal },
        headers: {
          ...(body !== null && { 'content-type': type }),
          ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
          ...(!SAFE_METHODS.has(method) && { 'idempotency-key': idempotencyKey }),
        },
      });
      return shownAnswer(response);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof BatonError) || !TOLD.has(error.code)) throw error;
      return { error: error.message, code: error.code };
    }
  }

  protected override logged(result: JsonValue): LogFields {
    const { success, data } = Answered.safeParse(result);
    return success ? { host: new URL(data.url).host, status: data.status } : {};
  }
}

/** What the tool gives where there was an answer. */
const Answered = z.object({ status: z.int(), url: z.url() });

function shownAnswer({ status, headers, url, body }: OutboundResponse): JsonValue {
  const type = headers['content-type'] ?? '';
  return { status, url, content_type: type, ...shownBody(body, type) };
}

/** JSON as its value, text as text; of anything else the size. */
function shownBody(body: Uint8Array, type: string): JsonObject {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return { body: null, note: `${body.byteLength} bytes that are not text` };
  }
  if (text.length > MAX_BODY_CHARS) {
    return {
      body: wholeCharacters(text.slice(0, MAX_BODY_CHARS)),
      note: `the first ${MAX_BODY_CHARS} of ${text.length} characters`,
    };
  }
  if (!/^application\/([^;]+\+)?json\b/i.test(type)) return { body: text };
  try {
    return { body: JSON.parse(text) as JsonValue };
  } catch {
    return { body: text };
  }
}
