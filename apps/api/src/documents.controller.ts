import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, DocumentStore, PassageSearch, type DocumentInfo } from '@baton/core';
import { DocumentPassages, DocumentRemover } from '@baton/engine';
import type { FastifyReply } from 'fastify';
import { Requires } from './access/requires.decorator.js';
import { callerGone, Tenant } from './request-context.js';
import {
  DocumentReply,
  DocumentsQuery,
  PassagesQuery,
  PassagesReply,
  SearchBody,
  SearchReply,
  toDocumentReply,
  toHitReply,
  toPassagesReply,
} from './wire/document.js';
import { pageOf, toPage } from './wire/page.js';

/** Documents that runs answer from, and the search over them. */
@ApiTags('retrieval')
@Controller('api')
export class DocumentsController {
  constructor(
    private readonly searcher: PassageSearch,
    private readonly documents: DocumentStore,
    private readonly passages: DocumentPassages,
    private readonly remover: DocumentRemover,
  ) {}

  @Get('documents')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: pageOf(DocumentReply), description: 'Newest first.' })
  async list(
    @Query({ schema: DocumentsQuery }) { title_prefix, source_prefix, limit, cursor }: DocumentsQuery,
    @Tenant() tenantId: string,
  ) {
    const documents = await this.documents.list(tenantId, {
      limit: limit + 1,
      filter: {
        ...(title_prefix !== undefined && { titlePrefix: title_prefix }),
        ...(source_prefix !== undefined && { sourcePrefix: source_prefix }),
      },
      ...(cursor !== undefined && { before: cursor }),
    });
    return toPage(documents, limit, toDocumentReply);
  }

  @Get('documents/:id')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: DocumentReply })
  async find(@Param('id') id: string, @Tenant() tenantId: string): Promise<DocumentReply> {
    return toDocumentReply(await this.require(tenantId, id));
  }

  @Get('documents/:id/content')
  @Requires('viewer')
  @ApiProduces('text/markdown', 'text/plain')
  @ApiResponse({ status: 200, description: 'Its text, as it was read from what was sent.' })
  async content(
    @Param('id') id: string,
    @Tenant() tenantId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { mediaType } = await this.require(tenantId, id);
    reply.type(`${mediaType}; charset=utf-8`).header('x-content-type-options', 'nosniff');
    return (await this.documents.textOf(id)) ?? (await this.documents.chunksOf(id)).map(({ text }) => text).join('\n\n');
  }

  @Get('documents/:id/passages')
  @Requires('viewer')
  @ApiResponse({
    status: 200,
    standardSchema: PassagesReply,
    description: 'In order, cut in the way that searches find them now.',
  })
  async readPassages(
    @Param('id') id: string,
    @Query({ schema: PassagesQuery }) { from, limit }: PassagesQuery,
    @Tenant() tenantId: string,
  ): Promise<PassagesReply> {
    const chunks = await this.passages.read(await this.require(tenantId, id), { from, limit: limit + 1 });
    return toPassagesReply(chunks, { from, limit });
  }

  @Delete('documents/:id')
  @Requires('operator')
  @HttpCode(204)
  @ApiResponse({ status: 204, description: 'There is no such document any more, with its chunks and vectors.' })
  async remove(@Param('id') id: string, @Tenant() tenantId: string): Promise<void> {
    await this.remover.remove(tenantId, id);
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
    return { items: (await this.searcher.search(tenantId, request, { signal: callerGone(reply) })).map(toHitReply) };
  }

  private async require(tenantId: string, id: string): Promise<DocumentInfo> {
    const document = await this.documents.find(tenantId, id);
    if (document !== null) return document;
    throw new BatonError('document_not_found', `There is no document \`${id}\`.`, { document_id: id });
  }
}
