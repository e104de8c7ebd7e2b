import { BatonError, type ErrorCode, type Problem } from './errors.js';

/** What can be wrong with a definition. */
export type DefinitionProblemCode =
  | 'syntax'
  | 'schema'
  | 'duplicate_id'
  | 'unknown_dependency'
  | 'cycle'
  | 'unreachable'
  | 'unknown_output'
  | 'bad_expression'
  | 'unknown_reference'
  | 'not_upstream'
  | 'missing_agent'
  | 'unused_agent'
  | 'unknown_workflow'
  | 'unknown_node_type'
  | 'invalid_config'
  | 'unknown_pool'
  | 'unknown_tool'
  | 'unknown_retry_policy'
  | 'unsupported_pattern'
  | 'limit_exceeded'
  | 'insufficient_capacity';

/** One thing that is wrong with a definition: where (a JSON pointer into what was sent), what, and how to mend it. */
export interface DefinitionProblem extends Problem {
  code: DefinitionProblemCode;
  remedy: string;
}

/**
 * All problems as one error. Its code is the first of these that fits: a pattern that is not supported, a definition that is wrong, one that is
 * too large, one for which there is not enough in all.
 */
export function definitionError(name: string, problems: readonly DefinitionProblem[]): BatonError {
  const codes = new Set(problems.map(({ code }) => code));
  let code: ErrorCode = 'workflow_invalid';
  if (codes.has('unsupported_pattern')) code = 'unsupported_pattern';
  else if (codes.size === 1 && codes.has('insufficient_capacity')) code = 'insufficient_capacity';
  else if ([...codes].every((one) => one === 'limit_exceeded' || one === 'insufficient_capacity')) code = 'limit_exceeded';
  const [first] = problems;
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new BatonError(
    code,
    `Workflow \`${name}\`: ${first?.message ?? 'not valid'}${others}`,
    {},
    { problems, retryable: false },
  );
}
