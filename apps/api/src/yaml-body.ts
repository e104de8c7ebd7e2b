import { BatonError } from '@baton/core';
import type { FastifyInstance } from 'fastify';

export const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];

/** Lets the routes under `prefix` take YAML: their body is then its text, which no parser has seen. */
export function acceptYaml(server: FastifyInstance, prefix: string): void {
  server.addContentTypeParser<string>(YAML_TYPES, { parseAs: 'string' }, (request, body, done) => {
    const isTaken = request.routeOptions.url?.startsWith(prefix) === true;
    if (isTaken) done(null, body);
    else done(new BatonError('unsupported_media_type', 'YAML is taken for workflow definitions alone.'));
  });
}
