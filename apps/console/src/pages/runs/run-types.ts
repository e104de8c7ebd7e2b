import type {
  ApprovalsListResponses,
  PatchRevisionsResponses,
  RunControlBulkData,
  RunControlBulkResponses,
  RunsFindResponses,
  RunsListResponses,
} from '../../api/schema.js';

export type Run = RunsFindResponses[200];
export type RunRow = RunsListResponses[200]['items'][number];
export type RunStatus = RunRow['status'];
export type OpenApproval = ApprovalsListResponses[200]['items'][number];
export type Revision = PatchRevisionsResponses[200]['items'][number];
export type BulkAction = RunControlBulkData['body']['action'];
export type BulkReply = RunControlBulkResponses[200];

const ENDS: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled']);

export function hasEnded({ status }: { status: string }): boolean {
  return ENDS.has(status);
}

/** Enough of an id to tell runs apart on one screen: ids of one second begin alike. */
export function shortId(id: string): string {
  return id.length > 13 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}
