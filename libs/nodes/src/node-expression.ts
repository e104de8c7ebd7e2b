import { BatonError, MAX_EXPRESSION_CHARS, type NodeContext, type ScopeExtras } from '@baton/core';
import { z } from 'zod';

/** An expression as a config holds it: without `${{ }}`, since it is evaluated by the node and not before it. */
export const ExpressionText = z.string().min(1).max(MAX_EXPRESSION_CHARS);

/**
 * Evaluates a condition in the scope of the run.
 * @throws BatonError `expression_failed` when it is neither true nor false; another attempt cannot help.
 */
export function testExpression(context: NodeContext, expression: string, more?: ScopeExtras): boolean {
  const value = context.evaluate(expression, more);
  if (typeof value === 'boolean') return value;
  const shown = JSON.stringify(value).slice(0, 100);
  throw new BatonError(
    'expression_failed',
    `\`${expression.slice(0, 200)}\`: a condition must be true or false, not ${shown}`,
    { node_id: context.nodeId },
    { retryable: false },
  );
}
