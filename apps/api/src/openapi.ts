import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** Describes the API, from its routes and the schemas that validate them. */
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
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
}

/** Serves the description at `/docs` (as a page) and `/docs-json`. */
export function mountDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), { customSiteTitle: 'Baton API', raw: ['json'] });
}
