import { expect, test } from '@jest/globals';
import { ReportRenderer, type Artifact, type ArtifactDraft, type ArtifactStore, type JsonValue, type Report } from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { ReportNode } from './report-node.js';

class FakeRenderer extends ReportRenderer {
  readonly reports: Report[] = [];

  render(report: Report): Promise<Uint8Array> {
    this.reports.push(report);
    return Promise.resolve(Buffer.from(report.title));
  }
}

function node() {
  const renderer = new FakeRenderer();
  const drafts: ArtifactDraft[] = [];
  const keep = ({ content, ...draft }: ArtifactDraft): Promise<Artifact> => {
    drafts.push({ content, ...draft });
    return Promise.resolve({ ...draft, id: `a${drafts.length}`, digest: 'd', bytes: content.length, createdAt: 1 });
  };
  const artifacts = { keep } as unknown as ArtifactStore;
  return { renderer, drafts, node: new ReportNode({ renderer, artifacts, clock: { now: () => 9 } as never }) };
}

test('makes a report of what it is told, once, and says which artifacts it became', async () => {
  const { renderer, drafts, node: report } = node();
  const steps = new Map<string, JsonValue>();
  const context = nodeContext(
    {
      tenantId: 't',
      runId: 'r',
      nodeId: 'n',
      visit: 2,
      config: { from: 'input.result', title: 'Findings' },
      input: { result: 'All is well.' },
    },
    steps,
  );
  const output = await report.execute(context);
  expect(output).toEqual({
    title: 'Findings',
    artifacts: [
      { id: 'a1', name: 'Findings.md', media_type: 'text/markdown; charset=utf-8', sha256: 'd', bytes: 8 },
      { id: 'a2', name: 'Findings.pdf', media_type: 'application/pdf', sha256: 'd', bytes: 8 },
    ],
  });
  expect(renderer.reports[0]).toMatchObject({ title: 'Findings', summary: 'All is well.', createdAt: 9 });
  expect(drafts.map(({ runId, nodeId, key }) => [runId, nodeId, key])).toEqual([
    ['r', 'n', '2'],
    ['r', 'n', '2'],
  ]);
  expect(await report.execute(context)).toEqual(output);
  expect(drafts).toHaveLength(2);
});

test('refuses formats that there are not', async () => {
  await expect(node().node.execute(nodeContext({ config: { formats: ['rtf'] } }))).rejects.toMatchObject({
    code: 'workflow_invalid',
  });
});
