import type { ArtifactStore, JsonObject, JsonValue } from '@baton/core';
import { z } from 'zod';
import { StepTool, type ToolContext } from './agent-tool.js';

const MAX_CHARS = 1_000_000;
const MEDIA_TYPES = ['text/plain', 'text/markdown', 'text/html', 'text/csv'] as const;

const Arguments = z
  .object({
    name: z.string().trim().min(1).max(200).describe('As a file name, with its ending.'),
    text: z.string().max(MAX_CHARS).optional().describe('The content, as text.'),
    json: z.unknown().optional().describe('The content, as JSON.'),
    media_type: z.enum(MEDIA_TYPES).default('text/markdown').describe('Of `text`.'),
  })
  .refine(({ text, json }) => (text === undefined) !== (json === undefined), 'set either `text` or `json`')
  .refine(({ json }) => (JSON.stringify(json) ?? '').length <= MAX_CHARS, 'the content is too large');
type Arguments = z.infer<typeof Arguments>;

/** Keeps a text or JSON as an artifact of the run, for people to read. A repeat after a crash keeps nothing twice. */
export class ReportArtifactTool extends StepTool<Arguments> {
  readonly name = 'report_artifact';
  readonly description =
    'Keeps a result for people under a name: a report, a table, data. Use it for what is too long for your answer, or is to be downloaded.';
  readonly parameters = Arguments;
  override readonly example: JsonObject = { name: 'summary.md', text: '# Summary\n\nAll is well.' };

  constructor(private readonly artifacts: Pick<ArtifactStore, 'keep'>) {
    super();
  }

  protected async run(
    { tenantId, runId, nodeId }: ToolContext,
    { name, text, json, media_type: textType }: Arguments,
    { idempotencyKey: key }: { idempotencyKey: string },
  ): Promise<JsonValue> {
    const mediaType = text === undefined ? 'application/json' : `${textType}; charset=utf-8`;
    const content = new TextEncoder().encode(text ?? JSON.stringify(json, null, 2));
    const kept = await this.artifacts.keep({ tenantId, runId, nodeId, name, mediaType, key, content });
    return { artifact_id: kept.id, name: kept.name, media_type: kept.mediaType, bytes: kept.bytes };
  }
}
