import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const SOURCES = join(import.meta.dirname, 'src');
const METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** What a viewer may call, too: `test/e2e/api-access.spec.ts` holds the API to it. */
const FOR_EVERYBODY = new Set([
  'POST /api/search',
  'POST /api/v1/patterns/{name}/expand',
  'POST /api/v1/workflows/validate',
  'POST /api/v1/ws-tokens',
]);

/** A function, a constant … of a file: what it calls of the API, whether it asks `useMay` before, and what it names. */
interface Part {
  file: string;
  names: string[];
  calls: Set<string>;
  asks: Set<string>;
  /** `file#name` of each part that it names. */
  uses: Set<string>;
}

/** Ways by which something is called of the API without a part on the way that asks whether it may be, as `operation: page > … > call`. */
function unaskedWays(parts: readonly Part[]): string[] {
  const usersOf = (part: Part): Part[] =>
    parts.filter((one) => one !== part && part.names.some((name) => one.uses.has(`${part.file}#${name}`)));
  const walk = (part: Part, operation: string, way: readonly Part[]): string[] => {
    if (part.asks.has(operation) || way.includes(part)) return [];
    const users = usersOf(part);
    const named = [part, ...way].map(({ names, file }) => names[0] ?? file).join(' > ');
    return users.length === 0 ? [`${operation}: ${named}`] : users.flatMap((user) => walk(user, operation, [part, ...way]));
  };
  return parts.flatMap((part) =>
    [...part.calls].flatMap((operation) => (FOR_EVERYBODY.has(operation) ? [] : walk(part, operation, []))),
  );
}

function readParts(): Part[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.(spec|d)\.ts$/.test(file),
  );
  return files.flatMap((file) => partsOf(file, new Set(files), readFileSync(join(SOURCES, file), 'utf8')));
}

function partsOf(file: string, files: ReadonlySet<string>, text: string): Part[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const target = (specifier: string): string | undefined => {
    const path = relative('.', join(dirname(file), specifier));
    return [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')].find((one) => files.has(one));
  };
  /** What the names of the file stand for. */
  const meaning = new Map<string, string>();
  const statements = source.statements.filter((one) => !ts.isImportDeclaration(one));
  for (const statement of source.statements.filter((one) => ts.isImportDeclaration(one))) {
    const from = target((statement.moduleSpecifier as ts.StringLiteral).text);
    const bindings = statement.importClause?.namedBindings;
    if (from === undefined || bindings === undefined || !ts.isNamedImports(bindings)) continue;
    for (const { name, propertyName } of bindings.elements) meaning.set(name.text, `${from}#${(propertyName ?? name).text}`);
  }
  const parts = statements.map((statement): Part => {
    const names = namesOf(statement);
    for (const name of names) meaning.set(name, `${file}#${name}`);
    return { file, names, calls: new Set(), asks: new Set(), uses: new Set() };
  });
  statements.forEach((statement, place) => {
    const { calls, asks, uses } = parts[place]!;
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && meaning.has(node.text)) uses.add(meaning.get(node.text)!);
      if (ts.isCallExpression(node)) {
        const operation = operationOf(node);
        if (operation !== null) calls.add(operation);
        if (node.expression.getText() === 'useMay') for (const one of textsIn(node)) asks.add(one);
        if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
          const from = target(textsIn(node)[0] ?? '');
          // Whatever is lazy: the default of its file, or what is named beside it.
          if (from !== undefined) for (const name of ['default', ...textsIn(node.parent.parent)]) uses.add(`${from}#${name}`);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(statement);
  });
  return parts;
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  if (!ts.isFunctionDeclaration(statement) && !ts.isClassDeclaration(statement)) return [];
  const isDefault = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true;
  return [...(statement.name === undefined ? [] : [statement.name.text]), ...(isDefault ? ['default'] : [])];
}

/** What a call asks of the API to change: `api.POST(path)`, `request.open('POST', path)` or `fetch(path, { method: 'POST' })`. */
function operationOf(call: ts.CallExpression): string | null {
  const [first, second] = call.arguments;
  const { expression } = call;
  if (ts.isPropertyAccessExpression(expression)) {
    const { text } = expression.name;
    if (METHODS.has(text)) return `${text} ${pathOf(first)}`;
    return text === 'open' && first !== undefined && ts.isStringLiteral(first) && METHODS.has(first.text)
      ? `${first.text} ${pathOf(second)}`
      : null;
  }
  const method = expression.getText() === 'fetch' ? textsIn(second).find((text) => METHODS.has(text)) : undefined;
  return method === undefined ? null : `${method} ${pathOf(first)}`;
}

function pathOf(node: ts.Expression | undefined): string {
  if (node !== undefined && ts.isStringLiteralLike(node)) return node.text;
  throw new Error(`Write the path of a call in one piece, so that it can be held to what is asked of it: ${node?.getText()}`);
}

function textsIn(node: ts.Node | undefined): string[] {
  const texts: string[] = [];
  const visit = (one: ts.Node): void => {
    if (ts.isStringLiteralLike(one)) texts.push(one.text);
    ts.forEachChild(one, visit);
  };
  if (node !== undefined) visit(node);
  return texts;
}

describe('what changes something', () => {
  const parts = readParts();

  it('is offered only behind the question whether the role may do it', () => {
    expect(unaskedWays(parts)).toEqual([]);
  });

  it('is found in the sources at all, wherever it is called from', () => {
    const called = new Set(parts.flatMap(({ calls }) => [...calls]));
    const asked = new Set(parts.flatMap(({ asks }) => [...asks]));
    expect([...called].filter((operation) => !FOR_EVERYBODY.has(operation)).toSorted()).toEqual([...asked].toSorted());
    expect(called.size).toBeGreaterThan(25);
  });

  it('is told from what asks first', () => {
    const page = (body: string) => partsOf('page.tsx', new Set(), `export function Page() { ${body} return <Go />; }\n${GO}`);
    const GO = `function Go() { return api.POST('/api/v1/tasks', {}); }`;
    expect(unaskedWays(page(''))).toEqual(['POST /api/v1/tasks: Page > Go']);
    expect(unaskedWays(page(`useMay('POST /api/v1/runs');`))).toEqual(['POST /api/v1/tasks: Page > Go']);
    expect(unaskedWays(page(`useMay('POST /api/v1/tasks');`))).toEqual([]);
  });
});
