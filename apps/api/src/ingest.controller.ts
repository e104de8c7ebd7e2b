import { Body, Controller, Headers, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExtension, ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { DocumentIngestor, UploadIntake, type NewUpload } from '@baton/engine';
import { CONFIG, Metrics, type Config } from '@baton/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { readFileParts } from './file-parts.js';
import { ACCEPTS_FILES } from './openapi.js';
import { invalidRequest } from './problems/validation.js';
import { callerGone, Tenant } from './request-context.js';
import { RunAnswers } from './run-answers.js';
import { documentsOf, IngestBody, IngestReply, toIngestReply, toNewDocuments, toNewUpload } from './wire/document.js';
import { EndedReply, StartedReply } from './wire/run.js';
import { prefersAsync, readIdempotency } from './wire/start-headers.js';

type IngestHeaders = Readonly<Record<'idempotency-key' | 'prefer', string | undefined>>;

/** Takes documents in: a few texts at once, many of them or files by a durable run. `/api/ingest` is an alias of `/api/v1/ingest`. */
@ApiTags('retrieval')
@Controller(['api/v1/ingest', 'api/ingest'])
export class IngestController {
  constructor(
    private readonly ingestor: DocumentIngestor,
    private readonly intake: UploadIntake,
    private readonly answers: RunAnswers,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Requires('operator')
  @HttpCode(200)
  @ApiExtension(ACCEPTS_FILES, true)
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'For what is ingested by a run.' })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`respond-async`: ingest by a run. `wait=N`: answer with its result if it ends in N seconds.',
  })
  @ApiResponse({ status: 200, standardSchema: IngestReply, description: 'What became of each document, in order.' })
  @ApiResponse({ status: 202, standardSchema: StartedReply, description: 'Files, or many documents: the run that ingests them.' })
  async ingest(
    @Body({ schema: IngestBody.optional() }) body: IngestBody | undefined,
    @Headers() headers: IngestHeaders,
    @Tenant() tenantId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IngestReply | StartedReply | EndedReply> {
    const start = (files: AsyncIterable<NewUpload> | Iterable<NewUpload>) => this.start(tenantId, files, headers, request, reply);
    const { ingestMaxDocuments, ingestMaxFiles: maxFiles, ingestMaxFileBytes: maxFileBytes } = this.config;
    if (request.isMultipart()) return start(readFileParts(request, { maxFiles, maxFileBytes }));
    if (body === undefined) throw invalidRequest([{ pointer: '', message: 'there is no document' }]);
    const documents = documentsOf(body);
    if (documents.length > ingestMaxDocuments || prefersAsync(headers.prefer)) return start(documents.map(toNewUpload));
    const result = toIngestReply(await this.ingestor.ingest(tenantId, toNewDocuments(body), { signal: callerGone(reply) }));
    this.metrics.countIngested(result.ingested);
    return result;
  }

  /** All files stand in SQL before the run does, and the run before the answer. */
  private async start(
    tenantId: string,
    files: AsyncIterable<NewUpload> | Iterable<NewUpload>,
    headers: IngestHeaders,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<StartedReply | EndedReply> {
    const batch = this.intake.open(tenantId);
    try {
      for await (const file of files) await batch.add(file);
      const run = await batch.accept(readIdempotency(headers['idempotency-key'], ['ingest', batch.digest]));
      request.subject = { run_id: run.id };
      return await this.answers.answer(run, headers.prefer, reply);
    } catch (error) {
      if (!batch.isHandedOver) await batch.abandon();
      throw error;
    }
  }
}
