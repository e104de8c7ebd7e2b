import { meteredStep } from '@baton/agents';
import { BatonError, NodeHandler, type JsonObject, type NodeContext, type UploadIngestor, type UploadOutcome } from '@baton/core';
import { z } from 'zod';

const IngestInput = z.looseObject({
  /** Uploads of the run. */
  files: z.int().min(1).max(1_000_000),
});

/** Files in work at once: one is read while another is embedded. */
const LANES = 4;
/** Refused files that the output names; the journal has all of them. */
const REFUSALS_NAMED = 500;

/** Ingests the uploads of its run, each in a step of its own: what was done before a crash is not done again. */
export class IngestNode extends NodeHandler {
  readonly type = 'ingest';

  constructor(private readonly uploads: UploadIngestor) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonObject> {
    const files = readFiles(context);
    const outcomes = Array.from<UploadOutcome>({ length: files });
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < files) {
        const position = next;
        next += 1;
        try {
          outcomes[position] = await this.ingest(context, position);
        } catch (error) {
          // The other lanes stop after what they have in hand.
          next = files;
          throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, files) }, work));
    await this.uploads.finish(context.runId);
    return summarise(outcomes);
  }

  private ingest(context: NodeContext, position: number): Promise<UploadOutcome> {
    const { tenantId, runId, nodeId, log } = context;
    return meteredStep(context, { key: `file-${position}`, agent: nodeId }, async (signal, meter) => {
      const outcome = await this.uploads.ingest({ tenantId, runId, position }, { signal, meter });
      const name = outcome.name ?? `file ${position + 1}`;
      if (outcome.status === 'refused') log.warn(`Refused ${name}: ${outcome.message}`, { code: outcome.code });
      else log.info(outcome.status === 'ingested' ? `Took in ${name}` : `Has ${name} already`, { document_id: outcome.id });
      return outcome;
    });
  }
}

function readFiles({ input }: NodeContext): number {
  const parsed = IngestInput.safeParse(input);
  if (parsed.success) return parsed.data.files;
  throw new BatonError(
    'invalid_request',
    'The run has no files',
    {},
    { retryable: false, remedy: 'Send files to POST /api/ingest: it starts the run that ingests them.' },
  );
}

function summarise(outcomes: readonly UploadOutcome[]): JsonObject {
  const count = (status: UploadOutcome['status']): number => outcomes.filter((outcome) => outcome.status === status).length;
  const refused = outcomes.filter((outcome) => outcome.status === 'refused');
  return {
    files: outcomes.length,
    ingested: count('ingested'),
    duplicates: count('duplicate'),
    refused: refused.slice(0, REFUSALS_NAMED).map(({ name, code, message }) => ({ name, code, message })),
    refused_count: refused.length,
  };
}
