import { MAX_EXPRESSION_CHARS } from '@baton/core';
import { z } from 'zod';

const Expression = z.string().trim().min(1).max(MAX_EXPRESSION_CHARS);
const Name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'letters, digits and `_`');

/** Where rows come from. */
const RowSource = z
  .strictObject({
    from: Expression.optional().describe('An expression that gives a list: of `input`, `nodes.<id>.output` or `last.<tool>`.'),
    rows: z.array(z.unknown()).max(1_000).optional().describe('The list itself.'),
  })
  .refine(({ from, rows }) => (from === undefined) !== (rows === undefined), 'set either `from` or `rows`');
export type RowSource = z.infer<typeof RowSource>;

const Aggregate = z.strictObject({
  fn: z.enum(['count', 'sum', 'avg', 'min', 'max', 'first', 'list']),
  of: Expression.optional().describe('What is counted, summed and so on, of each row; `count` needs none.'),
});

/** One step over all rows. Expressions see a row as `item` and its place as `index`. */
export const PipelineStep = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('filter'), where: Expression.describe('A condition; rows for which it is true stay.') }),
  z.strictObject({ op: z.literal('map'), to: z.union([Expression, z.record(Name, Expression)]) }),
  z.strictObject({ op: z.literal('pick'), fields: z.array(z.string().min(1).max(200)).min(1).max(100) }),
  z.strictObject({ op: z.literal('flatten'), of: Expression.describe('A list within each row; its entries become the rows.') }),
  z.strictObject({ op: z.literal('sort'), by: Expression, descending: z.boolean().default(false) }),
  z.strictObject({ op: z.literal('distinct'), by: Expression.default('item') }),
  z.strictObject({ op: z.literal('limit'), count: z.int().min(0).max(10_000), offset: z.int().min(0).max(10_000).default(0) }),
  z.strictObject({
    op: z.literal('aggregate'),
    group_by: z.record(Name, Expression).default({}).describe('Without it, all rows are one group.'),
    values: z.record(Name, Aggregate),
  }),
  z.strictObject({
    op: z.literal('join'),
    with: RowSource,
    left: Expression.describe('The key of a row here.'),
    right: Expression.describe('The key of a row there; equal keys match.'),
    as: Name.default('match').describe('The field under which a row gets the row that matches it.'),
    keep_unmatched: z.boolean().default(false).describe('Rows without a match stay, with null.'),
  }),
]);
export type PipelineStep = z.infer<typeof PipelineStep>;

export const PipelineArguments = z
  .strictObject({
    ...RowSource.shape,
    steps: z.array(PipelineStep).max(20).describe('Done one after the other.'),
  })
  .refine(({ from, rows }) => (from === undefined) !== (rows === undefined), 'set either `from` or `rows`');
export type PipelineArguments = z.infer<typeof PipelineArguments>;
