import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@baton/core';
import { openDatabase } from '@baton/storage';
import { SqliteVectorStore } from '@baton/vectors';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { sendFiles, type SentFile } from '../support/ingest.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { docxFile, docxParagraph, pdfFile } from '../support/sample-files.js';

interface IngestEvent extends SeenEvent {
  payload: JsonObject;
}

const FILES = 300;
const MAKERS: readonly ((text: string, index: number) => SentFile)[] = [
  (text, index) => ({ name: `docs/${index}.pdf`, content: pdfFile([[text], [`Page two of ${text}`]]), type: 'application/pdf' }),
  (text, index) => ({ name: `docs/${index}.html`, content: `<!doctype html><h1>${text}</h1><p>${text} in HTML.` }),
  (text, index) => ({ name: `docs/${index}.docx`, content: docxFile(docxParagraph(text, 'Heading1') + docxParagraph('Body.')) }),
  (text, index) => ({ name: `docs/${index}.md`, content: `# ${text}\n\nIn Markdown.` }),
  (text, index) => ({ name: `docs/${index}.txt`, content: `${text}, plainly.` }),
];
const BAD: readonly SentFile[] = [
  { name: 'bad/broken.pdf', content: '%PDF-1.4 broken' },
  { name: 'bad/locked.pdf', content: pdfFile([['x']], { encrypted: true }) },
];

/** The most memory that a process has used so far. */
function peakMiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024;
}

describe('a worker that is killed while it ingests', () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-ingest-'));
  let cluster: Cluster;
  let api: string;

  beforeAll(async () => {
    cluster = await startCluster({ apis: 1, workers: 1, env: { VECTOR_PATH: join(dir, 'vectors.sqlite') } });
    api = cluster.apis[0]!.url;
  }, 60_000);
  afterAll(async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true });
  });

  async function journalOf(runId: string): Promise<IngestEvent[]> {
    const { body } = await call(api, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`);
    return body['items'] as unknown as IngestEvent[];
  }

  const stepsOf = (events: readonly IngestEvent[]): IngestEvent[] => events.filter(({ type }) => type === 'step.completed');

  async function listDocuments(): Promise<JsonObject[]> {
    const documents: JsonObject[] = [];
    for (let cursor = ''; ;) {
      const { body } = await call(api, 'GET', `/api/documents?limit=200${cursor}`);
      documents.push(...(body['items'] as JsonObject[]));
      if (body['next_cursor'] === null) return documents;
      cursor = `&cursor=${textOf(body, 'next_cursor')}`;
    }
  }

  it('loses no file, ingests none twice, and counts each once', async () => {
    const good = Array.from({ length: FILES }, (_, index) => MAKERS[index % MAKERS.length]!(`Document number ${index}`, index));
    const { status, body } = await sendFiles(api, [...BAD, ...good, good[0]!]);
    expect(status).toBe(202);
    const runId = textOf(body, 'run_id');
    for (const threshold of [50, 150]) {
      await eventually(async () => stepsOf(await journalOf(runId)).length >= threshold, `${threshold} files are done`, 60_000);
      await cluster.workers.at(-1)!.kill();
      expect(stepsOf(await journalOf(runId)).length).toBeLessThan(FILES);
      await cluster.addWorker();
    }
    const ended = async () => (await call(api, 'GET', `/api/v1/runs/${runId}`)).body;
    await eventually(async () => (await ended())['status'] === 'completed', 'the run has ended', 90_000);

    expect((await ended())['output']).toEqual({
      files: FILES + 3,
      ingested: FILES,
      duplicates: 1,
      refused: [
        { name: 'bad/broken.pdf', code: 'document_unreadable', message: expect.stringContaining('PDF') },
        { name: 'bad/locked.pdf', code: 'document_encrypted', message: expect.stringContaining('password') },
      ],
      refused_count: 2,
    });
    const events = await journalOf(runId);
    expect(journalViolations(runId, events)).toEqual([]);
    expect(events.filter(({ type }) => type === 'run.claimed')).toHaveLength(3);
    expect(new Set(stepsOf(events).map(({ payload }) => payload['key'])).size).toBe(FILES + 3);
    expect(stepsOf(events)).toHaveLength(FILES + 3);

    const documents = await listDocuments();
    expect(documents).toHaveLength(FILES);
    expect(new Set(documents.map((document) => document['source']))).toEqual(new Set(good.map(({ name }) => name)));
    const vectors = new SqliteVectorStore({ path: join(dir, 'vectors.sqlite') });
    const [collection] = await vectors.list();
    const inIndex = await Promise.all(documents.map((document) => vectors.count(collection!, 'default', textOf(document, 'id'))));
    expect(inIndex).toEqual(documents.map((document) => document['chunks']));
    const chunks = inIndex.reduce((sum, count) => sum + count, 0);
    expect(await vectors.count(collection!, 'default')).toBe(chunks);
    vectors.close();

    const database = await openDatabase({ url: cluster.env['DATABASE_URL']! });
    const [left] = await database.read('SELECT (SELECT COUNT(*) FROM uploads) AS uploads, (SELECT COUNT(*) FROM blobs) AS blobs');
    expect(left).toEqual({ uploads: 0, blobs: 0 });
    await database.close();
  }, 240_000);

  it('needs no more memory for many files than for some', async () => {
    // In paragraphs without sentences, which are soon cut into passages.
    const content = Buffer.alloc(300_000, `${'word '.repeat(170)}\n\n`);
    const ingest = async (count: number): Promise<void> => {
      const files = Array.from({ length: count }, (_, index) => ({ name: `large/${count}/${index}.txt`, content }));
      const { body } = await sendFiles(api, files);
      const run = `/api/v1/runs/${textOf(body, 'run_id')}`;
      await eventually(async () => (await call(api, 'GET', run)).body['status'] === 'completed', 'the run has ended', 90_000);
    };
    const processes = [cluster.apis[0]!, cluster.workers.at(-1)!].map(({ child }) => child.pid!);
    await ingest(200);
    const before = processes.map(peakMiB);
    // 360 MB of files: half of that is less than keeping them would take, and more than the garbage of a busy moment.
    await ingest(1_200);
    const grown = processes.map((pid, index) => peakMiB(pid) - before[index]!);
    expect(Math.max(...grown)).toBeLessThan(180);
  }, 180_000);
});
