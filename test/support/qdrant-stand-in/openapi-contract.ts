import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { JsonObject, JsonValue } from '@baton/core';
import { isObject, toJsonSchema } from './json-schema.js';

const ID = 'contract';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Formats that the type and its bounds say already. */
const NUMERIC_FORMATS = ['uint', 'uint8', 'uint32', 'uint64', 'int64', 'float', 'double'];
const OTHER_FORMATS = ['uri', 'date-time', 'partial-date-time'];
const MAX_PROBLEMS = 6;

/** An operation of the document with the parameters of its path. */
export interface Operation {
  id: string;
  path: string;
  method: string;
  params: Record<string, string>;
}

/** Says of requests and responses what an OpenAPI document does not allow about them. */
export class OpenApiContract {
  private readonly ajv: Ajv;
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly paths: JsonObject;

  constructor(document: JsonObject) {
    const formats = Object.fromEntries([...NUMERIC_FORMATS, ...OTHER_FORMATS].map((name) => [name, true as const]));
    this.ajv = new Ajv({ strict: false, formats: { ...formats, uuid: UUID } });
    const schema = toJsonSchema(document) as JsonObject;
    this.paths = schema['paths'] as JsonObject;
    this.ajv.addSchema({ ...schema, $id: ID });
  }

  find(method: string, pathname: string): Operation | null {
    const asked = pathname.split('/');
    const verb = method.toLowerCase();
    for (const [path, operations] of Object.entries(this.paths)) {
      const operation = (operations as JsonObject)[verb];
      const params = operation === undefined ? null : matchPath(path.split('/'), asked);
      if (params !== null) return { id: (operation as JsonObject)['operationId'] as string, path, method: verb, params };
    }
    return null;
  }

  /** What is wrong with a request; nothing when it is allowed. `body` is undefined when none was sent. */
  checkRequest(operation: Operation, query: URLSearchParams, body: JsonValue | undefined): string[] {
    const described = this.describe(operation);
    const problems = this.checkQuery(operation, described, query);
    if (described['requestBody'] === undefined)
      return body === undefined ? problems : [...problems, 'has a body; none is described'];
    if (body === undefined) return [...problems, 'has no body'];
    return [...problems, ...this.check([operation.path, operation.method, 'requestBody', ...JSON_SCHEMA], body, 'body')];
  }

  /** What is wrong with a response; nothing when it is allowed. */
  checkResponse(operation: Operation, status: number, body: JsonValue): string[] {
    const responses = this.describe(operation)['responses'] as JsonObject;
    const key = [String(status), `${String(status)[0]}XX`, 'default'].find((candidate) => candidate in responses);
    if (key === undefined) return [`status ${status} is not described`];
    const response = responses[key] as JsonObject;
    if (response['content'] === undefined) return [];
    return this.check([operation.path, operation.method, 'responses', key, ...JSON_SCHEMA], body, 'response');
  }

  private describe({ path, method }: Operation): JsonObject {
    return (this.paths[path] as JsonObject)[method] as JsonObject;
  }

  private checkQuery({ path, method }: Operation, described: JsonObject, query: URLSearchParams): string[] {
    const parameters = (described['parameters'] ?? []) as JsonObject[];
    return [...query].flatMap(([name, text]) => {
      const at = parameters.findIndex((parameter) => parameter['in'] === 'query' && parameter['name'] === name);
      if (at < 0) return [`query: \`${name}\` is not described`];
      return this.check([path, method, 'parameters', String(at), 'schema'], parseParameter(text), `query ${name}`);
    });
  }

  private check(pointer: readonly string[], value: JsonValue, what: string): string[] {
    const reference = `${ID}#/paths/${pointer.map(escapePointer).join('/')}`;
    const validate = this.validators.get(reference) ?? this.ajv.compile({ $ref: reference });
    this.validators.set(reference, validate);
    return validate(value) ? [] : describeErrors(validate.errors ?? [], what);
  }
}

const JSON_SCHEMA = ['content', 'application/json', 'schema'];

function matchPath(template: readonly string[], asked: readonly string[]): Record<string, string> | null {
  if (template.length !== asked.length) return null;
  const params: Record<string, string> = {};
  for (const [at, segment] of template.entries()) {
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name === undefined && segment !== asked[at]) return null;
    if (name !== undefined) params[name] = decodeURIComponent(asked[at]!);
  }
  return params;
}

function parseParameter(text: string): JsonValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

function escapePointer(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** Of a union, the branch that got furthest says most: the deepest errors come first. */
function describeErrors(errors: readonly ErrorObject[], what: string): string[] {
  const depthOf = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;
  const lines = errors
    .filter(({ keyword }) => keyword !== 'anyOf')
    .toSorted((a, b) => depthOf(b) - depthOf(a))
    .map(({ instancePath, message, params }) => `${what}${instancePath} ${message} ${detailOf(params)}`.trim());
  return [...new Set(lines)].slice(0, MAX_PROBLEMS);
}

function detailOf(params: Record<string, unknown>): string {
  const name = params['additionalProperty'] ?? params['allowedValues'];
  return name === undefined ? '' : `(${JSON.stringify(name)})`;
}

/** A JSON object read from the wire. */
export function asObject(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}
