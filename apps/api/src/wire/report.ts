import { z } from 'zod';
import { REPORT_FORMATS } from '@baton/core';
import { ArtifactReply } from './artifact.js';

export const ReportBody = z.strictObject({
  formats: z
    .array(z.enum(REPORT_FORMATS))
    .min(1)
    .max(REPORT_FORMATS.length)
    .default([...REPORT_FORMATS]),
  title: z.string().trim().min(1).max(300).optional().describe('That of the result when absent, or else of its workflow.'),
});
export type ReportBody = z.infer<typeof ReportBody>;

export const ReportReply = z.object({ items: z.array(ArtifactReply) });
export type ReportReply = z.infer<typeof ReportReply>;
