// The types of the console's client, made from the description of the API.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** An operation as `openapi-fetch` reads it. */
const OPERATION = `
type Body<D> = D extends { body: infer B }
  ? { requestBody: { content: { 'application/json': B } } }
  : D extends { body?: infer B }
    ? [Exclude<B, undefined>] extends [never]
      ? { requestBody?: never }
      : { requestBody?: { content: { 'application/json': Exclude<B, undefined> } } }
    : { requestBody?: never };

type Operation<D, R> = Body<D> & {
  parameters: Pick<D, keyof D & ('path' | 'query')> & { header?: D extends { headers?: infer H } ? H : never };
  responses: { [S in keyof R]: { content: { 'application/json': R[S] } } } & {
    default: { content: { 'application/problem+json': Problem } };
  };
};
`;

/**
 * @typedef {{ paths: Record<string, Record<string, { operationId?: string }>> }} ApiDocument
 */

/**
 * @param {ApiDocument} document
 * @returns {Promise<string>} TypeScript: the types of each operation, and \`paths\`
 */
export async function renderConsoleSchema(document) {
  const folder = mkdtempSync(join(tmpdir(), 'baton-schema-'));
  try {
    await createClient({
      input: /** @type {never} */ (document),
      output: { path: folder },
      plugins: ['@hey-api/typescript'],
      logs: { level: 'silent', file: false },
    });
    const types = readFileSync(join(folder, 'types.gen.ts'), 'utf8').replace(/^\/\/.*\n/, '');
    return `// Made by \`npm run openapi\`.\n${types}${OPERATION}\n${renderPaths(document.paths, types)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Record<string, Record<string, { operationId?: string }>>} paths
 * @param {string} types
 */
function renderPaths(paths, types) {
  const lines = Object.entries(paths).map(([path, operations]) => {
    const entries = Object.entries(operations)
      .filter(([method]) => METHODS.has(method))
      .map(([method, { operationId = '' }]) => `${method}: ${renderOperation(operationId, types)}`);
    return `  '${path}': { ${entries.join('; ')} };`;
  });
  return `export interface paths {\n${lines.join('\n')}\n}\n`;
}

/**
 * @param {string} operationId
 * @param {string} types
 */
function renderOperation(operationId, types) {
  const name = operationId
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const responses = types.includes(`type ${name}Responses `) ? `${name}Responses` : 'Record<never, never>';
  if (!types.includes(`type ${name}Data `)) throw new Error(`the types lack ${name}Data`);
  return `Operation<${name}Data, ${responses}>`;
}
