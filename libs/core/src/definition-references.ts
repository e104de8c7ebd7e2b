import type { DefinitionProblem } from './definition-problem.js';
import { checkExpression, compileExpression, type ExpressionProblem } from './expression.js';
import { checkTemplate } from './expression-template.js';
import type { Graph } from './graph-order.js';
import { notUpstream } from './graph-reach.js';
import type { JsonObject, JsonValue } from './json.js';
import { configExpressions } from './node-type-config.js';
import type { NodeDefinition } from './workflow-definition.js';

/** A node that an expression of another one names. */
interface Reference {
  pointer: string;
  /** The node with the expression. */
  to: number;
  id: string;
}

/** What is wrong with the expressions of a definition: in themselves, or because they name a node whose output is not there by then. */
export function expressionProblems(nodes: readonly NodeDefinition[], graph: Graph): DefinitionProblem[] {
  const collector = new ReferenceCollector();
  nodes.forEach((node, index) => collector.collect(node, index));
  const unknown = collector.references.filter(({ id }) => !graph.indexById.has(id));
  const known = collector.references.flatMap((reference) => {
    const from = graph.indexById.get(reference.id);
    return from === undefined ? [] : [{ ...reference, from }];
  });
  return [
    ...collector.problems,
    ...unknown.map(({ pointer, id }): DefinitionProblem => ({
      pointer,
      code: 'unknown_reference',
      message: `no node has the id \`${id}\``,
      remedy: 'Name a node of this workflow.',
    })),
    ...notUpstream(graph, known).map(({ pointer, id, to }): DefinitionProblem => ({
      pointer,
      code: 'not_upstream',
      message: `\`${nodes[to]!.id}\` does not come after \`${id}\`, so its output is not there yet`,
      remedy: `Add \`${id}\` to its \`depends_on\`, or name a node that it comes after.`,
    })),
  ];
}

class ReferenceCollector {
  readonly problems: DefinitionProblem[] = [];
  readonly references: Reference[] = [];

  collect(node: NodeDefinition, index: number): void {
    const pointer = `/nodes/${index}`;
    const { body, ...config } = node.config;
    if (node.when !== undefined) this.collectExpression(node.when, `${pointer}/when`, index);
    if (node.input !== undefined) this.collectTemplate(node.input, `${pointer}/input`, index);
    this.collectTemplate(config, `${pointer}/config`, index);
    this.collectFields(node, `${pointer}/config`, index);
    // The nodes of a body are known to what executes it.
    if (body !== undefined) this.complainOfTemplate(body, `${pointer}/config/body`);
    if (node.compensate !== undefined) this.collectCompensation(node.compensate, `${pointer}/compensate/config`, index, node.id);
  }

  /** What undoes a node comes after the node itself. */
  private collectCompensation(undo: { type: string; config: JsonObject }, pointer: string, to: number, ownId: string): void {
    const before = this.references.length;
    const { body, ...config } = undo.config;
    this.collectTemplate(config, pointer, to);
    if (body !== undefined) this.complainOfTemplate(body, `${pointer}/body`);
    this.collectFields(undo, pointer, to);
    const added = this.references.splice(before);
    this.references.push(...added.filter(({ id }) => id !== ownId));
  }

  /** The fields that are expressions as they stand. */
  private collectFields({ type, config }: { type: string; config: JsonObject }, pointer: string, to: number): void {
    for (const { pointer: place, text } of configExpressions(type, config)) this.collectExpression(text, pointer + place, to);
  }

  private collectExpression(text: string, pointer: string, to: number): void {
    const problems = checkExpression(text);
    problems.forEach((problem) => this.complain(pointer, problem));
    if (problems.length === 0) compileExpression(text).nodeIds.forEach((id) => this.references.push({ pointer, to, id }));
  }

  private collectTemplate(json: JsonValue, pointer: string, to: number): void {
    for (const { pointer: place, nodeIds } of this.complainOfTemplate(json, pointer)) {
      nodeIds.forEach((id) => this.references.push({ pointer: pointer + place, to, id }));
    }
  }

  private complainOfTemplate(json: JsonValue, pointer: string): ReturnType<typeof checkTemplate>['references'] {
    const { problems, references } = checkTemplate(json);
    problems.forEach((problem) => this.complain(pointer + problem.pointer, problem));
    return references;
  }

  private complain(pointer: string, { start, end, message }: ExpressionProblem): void {
    const remedy = 'Mend the expression; docs/workflows.md describes the language.';
    this.problems.push({ pointer, code: 'bad_expression', message, remedy, position: { start, end } });
  }
}
