import {
  keepReport,
  NodeHandler,
  readReport,
  REPORT_FORMATS,
  type ArtifactStore,
  type Clock,
  type JsonObject,
  type NodeContext,
  type ReportRenderer,
} from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';
import { ExpressionText } from './node-expression.js';

/** The config of `report`. */
export const ReportConfig = z.strictObject({
  from: ExpressionText.optional().describe('What the report is about; the input of the node when absent.'),
  title: z.string().trim().min(1).max(300).optional(),
  formats: z.array(z.enum(REPORT_FORMATS)).min(1).max(REPORT_FORMATS.length).default(['markdown', 'pdf']),
});

/** Makes a report of a result, in one format or several, and keeps it as artifacts of the run. */
export class ReportNode extends NodeHandler {
  readonly type = 'report';

  constructor(private readonly parts: { renderer: ReportRenderer; artifacts: ArtifactStore; clock: Clock }) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonObject> {
    const { from, title, formats } = parseConfig(context, ReportConfig);
    const { tenantId, runId, nodeId, visit } = context;
    const result = from === undefined ? context.input : context.evaluate(from);
    return context.step('report', async () => {
      const report = readReport(result, { createdAt: this.parts.clock.now(), ...(title !== undefined && { title }) });
      const draft = { tenantId, runId, nodeId, key: `${visit}`, formats: [...new Set(formats)] };
      const artifacts = await keepReport(this.parts, report, draft);
      context.log.info(`Kept the report: ${report.title}`, { artifacts: artifacts.map(({ name }) => name) });
      return {
        title: report.title,
        artifacts: artifacts.map(({ id, name, mediaType, digest, bytes }) => ({
          id,
          name,
          media_type: mediaType,
          sha256: digest,
          bytes,
        })),
      };
    });
  }
}
