import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { DocumentStore, PassageSearch } from '@baton/core';
import { DocumentIngestor } from '@baton/engine';
import { Metrics } from '@baton/platform';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { callerGone, Tenant } from './request-context.js';
import {
  DocumentReply,
  IngestBody,
  IngestReply,
  SearchBody,
  SearchReply,
  toDocumentReply,
  toHitReply,
  toIngestReply,
  toNewDocuments,
} from './wire/document.js';
import { pageOf, PageQuery, toPage } from './wire/page.js';

/** Documents that runs answer from, and the search over them. */
@ApiTags('retrieval')
@Controller('api')
export class DocumentsController {
  constructor(
    private readonly ingestor: DocumentIngestor,
    private readonly searcher: PassageSearch,
    private readonly documents: DocumentStore,
    private readonly metrics: Metrics,
  ) {}

  @Post('ingest')
  @Requires('operator')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: IngestReply, description: 'What became of each document, in order.' })
  async ingest(
    @Body({ schema: IngestBody }) body: IngestBody,
    @Tenant() tenantId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IngestReply> {
    const result = toIngestReply(await this.ingestor.ingest(tenantId, toNewDocuments(body), callerGone(reply)));
    this.metrics.countIngested(result.ingested);
    return result;
  }

  @Get('documents')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: pageOf(DocumentReply), description: 'Newest first.' })
  async list(@Query({ schema: PageQuery }) { limit, cursor }: PageQuery, @Tenant() tenantId: string) {
    const documents = await this.documents.list(tenantId, { limit: limit + 1, ...(cursor !== undefined && { before: cursor }) });
    return toPage(documents, limit, toDocumentReply);
  }

  @Post('search')
  @Requires('viewer')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: SearchReply, description: 'The most similar passages, best first.' })
  async search(
    @Body({ schema: SearchBody }) { query, top_k: limit, document_ids: documentIds }: SearchBody,
    @Tenant() tenantId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const request = { query, ...(limit !== undefined && { limit }), ...(documentIds !== undefined && { documentIds }) };
    return { items: (await this.searcher.search(tenantId, request, callerGone(reply))).map(toHitReply) };
  }
}
