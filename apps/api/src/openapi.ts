import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { ProblemReply } from './wire/problem.js';

type Operation = OpenAPIObject['paths'][string]['get'];

/** Marks an operation that takes `multipart/form-data` with any number of files beside JSON. */
export const ACCEPTS_FILES = 'x-accepts-files';

const FILES = {
  type: 'object',
  properties: { files: { type: 'array', minItems: 1, items: { type: 'string', format: 'binary' } } },
  required: ['files'],
};
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const PROBLEM = {
  description: 'A problem: `code` says which, `remedy` what to do about it.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/**
 * Describes the API, from its routes and the schemas that validate them.
 * @public `npm run openapi` asks the built app for it.
 */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Baton')
    .setDescription(
      'A durable job-queue platform for agent workflows. Errors are RFC 9457 problems (`application/problem+json`).',
    )
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addSecurity('token', { type: 'http', scheme: 'bearer' })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  const { $schema: _, ...problem } = z.toJSONSchema(ProblemReply);
  document.components = { ...document.components, schemas: { ...document.components?.schemas, Problem: problem as object } };
  for (const path of Object.values(document.paths)) for (const method of METHODS) complete(path[method]);
  return document;
}

/** Serves the description at `/docs` (as a page) and `/docs-json`. */
export function mountDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), { customSiteTitle: 'Baton API', raw: ['json'] });
}

/** Adds what all operations share. A controller with two paths gets numbered ids: the first path has the name, the other is its alias. */
function complete(operation: Operation): void {
  if (operation === undefined) return;
  const [, name, index] = /^(\w+)(?:\[(\d+)\])?$/.exec(operation.operationId ?? '') ?? [];
  operation.operationId = index === undefined || index === '0' ? name! : `${name}_alias`;
  operation.responses = { ...operation.responses, default: PROBLEM };
  const body = operation.requestBody;
  if (body === undefined || !('content' in body)) return;
  body.required = !hasDefault(body.content['application/json']?.schema);
  if (ACCEPTS_FILES in operation) body.content['multipart/form-data'] = { schema: FILES };
}

/** A body whose schema has a default may be left out. */
function hasDefault(schema: object | undefined): boolean {
  return schema !== undefined && 'default' in schema;
}
