import { serialize, type ASTNode } from '@marcbachmann/cel-js';
import type { ExpressionProblem } from './expression.js';

/** Functions that an expression may call. `matches` is not among them: a regular expression has no bound. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['size', 'has', 'string', 'int', 'double', 'bool', 'timestamp', 'duration'],
  ...[
    'startsWith',
    'endsWith',
    'contains',
    'lowerAscii',
    'upperAscii',
    'trim',
    'indexOf',
    'lastIndexOf',
    'substring',
    'split',
    'join',
  ],
  ...['map', 'filter', 'all', 'exists', 'exists_one', 'hasValue', 'value', 'or', 'orValue'],
  ...[
    'getFullYear',
    'getMonth',
    'getDate',
    'getDayOfWeek',
    'getDayOfYear',
    'getHours',
    'getMinutes',
    'getSeconds',
    'getMilliseconds',
  ],
]);

/** The calls that go through a list with a variable of their own. */
const COMPREHENSIONS: ReadonlySet<string> = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);
/** The operators that compare all that their operands hold. */
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', 'in']);

/** A call with the variable that it binds, where it binds one. */
interface Call {
  name: string;
  receiver: ASTNode | null;
  args: readonly ASTNode[];
  variable: string | null;
}

function callOf(ast: ASTNode): Call | null {
  if (ast.op === 'call') return { name: ast.args[0], receiver: null, args: ast.args[1], variable: null };
  if (ast.op !== 'rcall') return null;
  const [name, receiver, args] = ast.args;
  const variable = COMPREHENSIONS.has(name) && args[0]?.op === 'id' ? args[0].args : null;
  return { name, receiver, args, variable };
}

/** The operands of a node, in the order of the text. */
function childrenOf(ast: ASTNode): readonly ASTNode[] {
  switch (ast.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [ast.args[0]];
    case '!_':
    case '-_':
      return [ast.args];
    case 'call':
      return ast.args[1];
    case 'rcall':
      return [ast.args[1], ...ast.args[2]];
    case 'map':
      return ast.args.flat();
    default:
      return ast.args;
  }
}

/** What an expression refers to, and each reference and call that it may not make. */
export function readReferences(
  root: ASTNode,
  variables: readonly string[],
): { nodeIds: readonly string[]; problems: readonly ExpressionProblem[] } {
  const nodeIds = new Set<string>();
  const problems: ExpressionProblem[] = [];
  const complain = ({ start, end }: ASTNode, message: string): void => void problems.push({ start, end, message });
  const visit = (ast: ASTNode, bound: readonly string[]): void => {
    const node = nodeOf(ast, bound);
    if (node !== null) return void nodeIds.add(node);
    if (ast.op === 'id' && !bound.includes(ast.args)) {
      if (ast.args === 'nodes') complain(ast, 'name one node: `nodes.<id>` or `nodes["<id>"]`');
      else if (!variables.includes(ast.args)) complain(ast, `\`${ast.args}\` is unknown; there are ${variables.join(', ')}`);
    }
    const call = callOf(ast);
    if (call !== null && !FUNCTIONS.has(call.name)) complain(ast, `there is no function \`${call.name}\``);
    if (call === null || call.variable === null) return childrenOf(ast).forEach((child) => visit(child, bound));
    visit(call.receiver!, bound);
    call.args.slice(1).forEach((arg) => visit(arg, [...bound, call.variable!]));
  };
  visit(root, []);
  return { nodeIds: [...nodeIds], problems };
}

/** The id in `nodes.id` or `nodes["id"]`. */
function nodeOf(ast: ASTNode, bound: readonly string[]): string | null {
  if (ast.op !== '.' && ast.op !== '.?' && ast.op !== '[]' && ast.op !== '[?]') return null;
  const [object, key] = ast.args;
  if (object.op !== 'id' || object.args !== 'nodes' || bound.includes('nodes')) return null;
  if (typeof key === 'string') return key;
  return key.op === 'value' && typeof key.args === 'string' ? key.args : null;
}

/**
 * The expression written anew, with its costs in it: each part that it looks at is charged, by its size, before it is used, as is what a list is
 * turned into.
 */
export function instrument(root: ASTNode): string {
  return write(root, 'cost_');
}

/** `charge` is the function that charges for what the node gives; null where a larger part is charged instead. */
function write(ast: ASTNode, charge: 'cost_' | 'cost_deep_' | null): string {
  const charged = (text: string): string => (charge === null ? text : `${charge}(${text})`);
  switch (ast.op) {
    case 'value':
      return serialize(ast);
    case 'id':
      return charged(ast.args);
    case '.':
    case '.?':
      return charged(`${write(ast.args[0], null)}${ast.op}${ast.args[1]}`);
    case '[]':
    case '[?]':
      return charged(`${write(ast.args[0], null)}${ast.op === '[]' ? '[' : '[?'}${write(ast.args[1], 'cost_')}]`);
    case 'list':
      return `[${ast.args.map((item) => write(item, 'cost_')).join(', ')}]`;
    case 'map':
      return `{${ast.args.map(([key, value]) => `${write(key, 'cost_')}: ${write(value, 'cost_')}`).join(', ')}}`;
    case '!_':
    case '-_':
      return `(${ast.op[0]}${write(ast.args, 'cost_')})`;
    case '?:': {
      const [condition, yes, no] = ast.args.map((part) => write(part, 'cost_'));
      return `(${condition} ? ${yes} : ${no})`;
    }
    case 'call':
    case 'rcall':
      return charged(writeCall(callOf(ast)!));
    default: {
      const [left, right] = ast.args.map((operand) => write(operand, COMPARISONS.has(ast.op) ? 'cost_deep_' : 'cost_'));
      return `(${left} ${ast.op} ${right})`;
    }
  }
}

function writeCall({ name, receiver, args, variable }: Call): string {
  const inner = (arg: ASTNode, index: number): string => {
    if (name === 'has' || (variable !== null && index === 0)) return write(arg, null);
    return variable === null ? write(arg, 'cost_') : `cost_(${write(arg, null)})`;
  };
  const list = args.map(inner).join(', ');
  const target = receiver === null ? '' : `${write(receiver, 'cost_')}.`;
  return `${target}${name === 'join' ? 'join_' : name}(${list})`;
}
