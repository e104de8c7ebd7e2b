import { describe, expect, test } from '@jest/globals';
import { checkArtifact, type Artifact } from './artifact.js';
import { keepReport, readReport, ReportRenderer, type ReportFormat } from './report.js';

const AT = 1_000;

describe('a report is read from', () => {
  test('a result of agents: figures, parts and sources', () => {
    const report = readReport(
      {
        ...{ title: 'Locks', status: 'completed', execution_time: 75.4, total_cost: 0.5, final_synthesis: 'They expire [1].' },
        usage: { prompt_tokens: 12_000, completion_tokens: 345, model_calls: 7 },
        synthesis_results: [{ synthesis_level: 'mid', content: 'Half.', execution_time: 3 }],
        agent_results: [
          { agent_id: 'w1', agent_type: 'worker', status: 'completed', content: 'Found.', cost: 0.25 },
          { agent_id: 'w3', content: 'Free.', usage: { cost_micros: 0, model_calls: 1 } },
          { agent_id: 'w2', status: 'failed', error: { code: 'timeout', message: 'Too late.' } },
        ],
        citations: [{ title: 'Handbook', section: '2.1', url: 'https://example.org/h' }, 'a.md'],
      },
      { createdAt: AT },
    );
    expect(report).toEqual({
      ...{ title: 'Locks', summary: 'They expire [1].', error: null, createdAt: AT },
      facts: [
        ...[
          { name: 'Status', value: 'completed' },
          { name: 'Duration', value: '1 min' },
          { name: 'Cost', value: '0.5000' },
        ],
        ...[
          { name: 'Tokens', value: '12,345' },
          { name: 'Model calls', value: '7' },
        ],
      ],
      syntheses: [{ title: 'mid', text: 'Half.', notes: ['Duration 3.0 s'] }],
      results: [
        { title: 'w1', text: 'Found.', notes: ['worker', 'Cost 0.2500'] },
        { title: 'w3', text: 'Free.', notes: ['Model calls 1'] },
        { title: 'w2', text: 'Too late.', notes: ['Status failed'] },
      ],
      sources: [
        { numbers: [1], title: 'Handbook, 2.1', url: 'https://example.org/h' },
        { numbers: [2], title: 'a.md', url: null },
      ],
    });
  });

  test('passages under the numbers that the texts cite, those of one place in one line, told once', () => {
    const passages = [
      { n: 4, title: 'Locks' },
      { n: 9, title: 'Leases' },
      { n: 12, title: 'Locks' },
    ];
    const answer = 'They expire [4]. So do leases [9][12].';
    const listed = { answer: `${answer}\n\nSources:\n[4] Locks`, agent_results: [`${answer}\nSources:\n[4] Locks`] };
    const { summary, results, sources } = readReport({ ...listed, citations: passages }, { createdAt: AT });
    expect([summary, results[0]!.text]).toEqual([answer, answer]);
    expect(sources.map(({ numbers, title }) => [title, ...numbers])).toEqual([
      ['Locks', 4, 12],
      ['Leases', 9],
    ]);
    expect(readReport(listed, { createdAt: AT }).summary).toBe(listed.answer);
  });

  test('any other JSON, too', () => {
    const parts = (result: Parameters<typeof readReport>[0]) => {
      const { summary, results } = readReport(result, { createdAt: AT });
      return { summary, results: results.map(({ title, text }) => [title, text]) };
    };
    expect(parts('Just text.')).toEqual({ summary: 'Just text.', results: [] });
    expect(parts(null)).toEqual({ summary: null, results: [] });
    expect(parts(7)).toEqual({ summary: '7', results: [] });
    expect(parts({ rows: [1, 2], note: 'two' })).toEqual({
      ...{
        summary: null,
        results: [
          ['rows', '```json\n[\n  1,\n  2\n]\n```'],
          ['note', 'two'],
        ],
      },
    });
    expect(readReport({ answer: 'x', title: 'own' }, { title: 'given', createdAt: AT }).title).toBe('given');
  });
});

test('a report is kept as one artifact for each format, under a name that any file system takes', async () => {
  class Names extends ReportRenderer {
    render(_report: unknown, format: ReportFormat): Promise<Uint8Array> {
      return Promise.resolve(Buffer.from(format));
    }
  }
  const kept: unknown[] = [];
  const artifacts = { keep: (draft: object) => Promise.resolve(kept.push(draft) as never) };
  const report = readReport('x', { title: '../Was: "wer"\n wann?', createdAt: AT });
  const draft = { tenantId: 't', runId: 'r', nodeId: 'n', key: '1' };
  await keepReport({ renderer: new Names(), artifacts }, report, { ...draft, formats: ['markdown', 'pdf', 'docx'] });
  expect(kept).toMatchObject([
    { ...draft, name: 'Was wer wann.md', mediaType: 'text/markdown; charset=utf-8' },
    { ...draft, name: 'Was wer wann.pdf', mediaType: 'application/pdf' },
    { ...draft, name: 'Was wer wann.docx' },
  ]);
  const long = readReport('x', { title: '😀'.repeat(150), createdAt: AT });
  await keepReport({ renderer: new Names(), artifacts }, long, { ...draft, formats: ['docx'] });
  expect(kept.at(-1)).toMatchObject({ name: `${'😀'.repeat(60)}.docx` });
  expect(() => checkArtifact(kept.at(-1) as Artifact)).not.toThrow();
});
