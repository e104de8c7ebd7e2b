import type { ExpressionScope, JsonObject, JsonValue } from '@baton/core';
import { StepTool, type ToolContext } from './agent-tool.js';
import { PipelineError, runPipeline } from './data-pipeline.js';
import { PipelineArguments } from './pipeline-step.js';
import { MAX_RESULT_CHARS } from './tool-result.js';

/** Left for the rest of the result. */
const MAX_ROWS_CHARS = MAX_RESULT_CHARS - 1_000;

/** Works on lists of the run, of earlier tools, or of its own arguments by a sequence of typed steps: data, no code. */
export class ExecutePipelineTool extends StepTool<PipelineArguments> {
  readonly name = 'execute_pipeline';
  readonly description =
    'Filters, maps, picks, flattens, sorts, deduplicates, limits, aggregates and joins lists, exactly and without reading them yourself. ' +
    'Expressions are CEL; a row is `item`. `last.<tool>` is what that tool said last, as in `last.http_request.body.items`.';
  readonly parameters = PipelineArguments;
  override readonly example: JsonObject = {
    from: 'last.http_request.body.items',
    steps: [
      { op: 'filter', where: 'item.price < 100' },
      { op: 'sort', by: 'item.price' },
      { op: 'map', to: { name: 'item.name', price: 'item.price' } },
      { op: 'limit', count: 3 },
    ],
  };

  protected async run(context: ToolContext, args: PipelineArguments, { signal }: { signal: AbortSignal }): Promise<JsonValue> {
    const scope = {
      input: context.evaluate('input'),
      run: context.evaluate('run') as unknown as ExpressionScope['run'],
    };
    const evaluate = (expression: string): JsonValue => context.evaluate(expression, { last: context.results });
    try {
      return shownRows(await runPipeline(args, { scope, evaluate }, signal));
    } catch (error) {
      if (error instanceof PipelineError) return { error: error.message, example: this.example };
      throw error;
    }
  }
}

/** As many rows as a conversation takes, and how many there are. */
function shownRows(rows: readonly JsonValue[]): JsonObject {
  let left = MAX_ROWS_CHARS;
  const shown = rows.slice(
    0,
    rows.findIndex((row) => (left -= JSON.stringify(row).length + 1) < 0),
  );
  return {
    count: rows.length,
    rows: left < 0 ? shown : [...rows],
    ...(left < 0 && { note: `only the first ${shown.length} rows` }),
  };
}
