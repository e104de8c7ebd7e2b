import { StandardSchemaValidationPipe } from '@nestjs/common';
import { BatonError, type Problem } from '@baton/core';

type Issue = Parameters<
  NonNullable<NonNullable<ConstructorParameters<typeof StandardSchemaValidationPipe>[0]>['exceptionFactory']>
>[0][number];

/** Validates each parameter that carries a schema; every fault is named at once, by JSON pointer. */
export class ValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => invalidRequest(issues.flatMap(toProblems)) });
  }

  /** Nothing to strip: the body parser refuses `__proto__`, and a field named `constructor` in a caller's input is the caller's. */
  protected override stripProtoKeys(): void {}
}

/** @throws nothing; returns the error that says what is wrong with a request. */
export function invalidRequest(problems: readonly Problem[]): BatonError {
  const count = problems.length === 1 ? 'One thing is' : `${problems.length} things are`;
  return new BatonError('invalid_request', `${count} wrong with the request.`, {}, { problems });
}

function toProblems(issue: Issue & { keys?: unknown }): Problem[] {
  const path = (issue.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment));
  if (!Array.isArray(issue.keys)) return [{ pointer: toPointer(path), message: issue.message }];
  return issue.keys.map((key: PropertyKey) => ({ pointer: toPointer([...path, key]), message: 'this field is not known' }));
}

function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
