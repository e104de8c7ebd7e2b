import { StandardSchemaValidationPipe } from '@nestjs/common';
import { BatonError, issueProblems, type Problem } from '@baton/core';

/** Validates each parameter that carries a schema; every fault is named at once, by JSON pointer. */
export class ValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => invalidRequest(issues.flatMap(issueProblems)) });
  }

  /** Nothing to strip: the body parser refuses `__proto__`, and a field named `constructor` in a caller's input is the caller's. */
  protected override stripProtoKeys(): void {}
}

/** @throws nothing; returns the error that says what is wrong with a request. */
export function invalidRequest(problems: readonly Problem[]): BatonError {
  const count = problems.length === 1 ? 'One thing is' : `${problems.length} things are`;
  return new BatonError('invalid_request', `${count} wrong with the request.`, {}, { problems });
}
