import { isMap, isScalar, isSeq, visit, YAMLMap, YAMLSeq, type Document } from 'yaml';
import { freeId, nodesOf, upstreamOf, type DefinitionNode } from './definition.js';
import { isEqual, isObject, type Json, type JsonObject } from './json.js';
import { readYaml, writeYaml } from './yaml-text.js';

/** An edit that cannot be made, in words for the person who tried. */
export class EditRefused extends Error {}

/** The text with another node behind those of `after`, and the node's id. */
export function addNode(
  text: string,
  node: { type: string; config: JsonObject; after?: readonly string[]; id?: string },
): { text: string; id: string } {
  let added = '';
  const edited = edit(text, (document, nodes) => {
    added = freeId(new Set(nodes.map(({ id }) => id)), node.id ?? node.type.replaceAll('_', '-'));
    listOf(document).add(writeNode(document, { ...node, id: added }));
  });
  return { text: edited, id: added };
}

/** The text with what a pattern makes; ids that are taken get a number. */
export function addNodes(text: string, made: readonly JsonObject[]): { text: string; ids: string[] } {
  const ids: string[] = [];
  const edited = edit(text, (document, nodes) => {
    const taken = new Set(nodes.map(({ id }) => id));
    const renamed = new Map<string, string>();
    for (const { id } of nodesOf({ nodes: made as Json[] })) {
      renamed.set(id, freeId(taken, id));
      taken.add(renamed.get(id)!);
    }
    ids.push(...renamed.values());
    for (const node of made) {
      const item = document.createNode(node) as YAMLMap;
      listOf(document).add(item);
      for (const [from, to] of renamed) if (from !== to) renameWithin(item, from, to);
      for (const [from, to] of renamed) if (from !== to && item.get('id') === from) item.set('id', to);
    }
  });
  return { text: edited, ids };
}

/** Lets `to` come after `from`. @throws EditRefused where they would wait for each other. */
export function connect(text: string, from: string, to: string): string {
  return edit(text, (document, nodes) => {
    const target = nodeOf(nodes, to);
    nodeOf(nodes, from);
    if (target.dependsOn.includes(from)) return;
    if (from === to || upstreamOf(nodes, from).has(to)) {
      throw new EditRefused(`\`${to}\` comes before \`${from}\` already: the two would wait for each other.`);
    }
    const path = [...nodePath(document, target), 'depends_on'];
    const list = document.getIn(path);
    if (isSeq(list)) list.add(from);
    else document.setIn(path, inOneLine(document.createNode([from])));
    inOrder(document.getIn(nodePath(document, target)));
  });
}

/** Lets `to` come after `from` no longer. */
export function disconnect(text: string, from: string, to: string): string {
  return edit(text, (document, nodes) => dropDependency(document, nodeOf(nodes, to), (id) => id === from));
}

/** Removes nodes and every mention of them as predecessors, branches or output. */
export function removeNodes(text: string, ids: readonly string[]): string {
  const gone = new Set(ids);
  return edit(text, (document, nodes) => {
    for (const node of nodes) if (!gone.has(node.id)) dropDependency(document, node, (id) => gone.has(id));
    for (const node of nodes) if (!gone.has(node.id)) dropBranches(document, node, gone);
    const list = listOf(document);
    for (const { index } of nodes.filter(({ id }) => gone.has(id)).reverse()) list.delete(index);
    const output = [...rootPath(document), 'output'];
    if (gone.has(String(document.getIn(output)))) document.deleteIn(output);
  });
}

/** Gives a node another id, also where others name it: dependencies, branches, the output, expressions. @throws EditRefused where it is taken. */
export function renameNode(text: string, id: string, wish: string): string {
  if (id === wish) return text;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(wish)) {
    throw new EditRefused(
      'An id has letters, digits, `_`, `.` and `-`, begins with a letter or digit, and has at most 64 characters.',
    );
  }
  return edit(text, (document, nodes) => {
    if (nodes.some((node) => node.id === wish)) throw new EditRefused(`Another node has the id \`${wish}\`.`);
    document.setIn([...nodePath(document, nodeOf(nodes, id)), 'id'], wish);
    renameWithin(listOf(document), id, wish);
    const output = [...rootPath(document), 'output'];
    if (document.getIn(output) === id) document.setIn(output, wish);
  });
}

/** Writes what a form has made of a node, touching only what is another value than before: comments beside the rest stay. */
export function updateNode(text: string, id: string, after: JsonObject): string {
  return edit(text, (document, nodes) => {
    const node = nodeOf(nodes, id);
    assign(document, nodePath(document, node), node.value, after);
    inOrder(document.getIn(nodePath(document, node)));
  });
}

function edit(text: string, change: (document: Document.Parsed, nodes: readonly DefinitionNode[]) => void): string {
  const { document, json, faults } = readYaml(text);
  if (faults.length > 0) throw new EditRefused('The text is not valid YAML. Mend it first: its errors are marked.');
  if (document.contents === null) document.contents = document.createNode({}) as unknown as typeof document.contents;
  if (!isMap(document.contents)) throw new EditRefused('The text is no definition: it must be a map with `name` and `nodes`.');
  const root = isObject(json) && isObject(json['workflow']) ? json['workflow'] : json;
  change(document, nodesOf(root));
  return writeYaml(document, text);
}

/** A definition may stand under `workflow`. */
function rootPath(document: Document): string[] {
  return isMap(document.get('workflow')) ? ['workflow'] : [];
}

function nodePath(document: Document, { index }: DefinitionNode): (string | number)[] {
  return [...rootPath(document), 'nodes', index];
}

function listOf(document: Document): YAMLSeq {
  const path = [...rootPath(document), 'nodes'];
  const found = document.getIn(path);
  if (isSeq(found)) {
    if (found.items.length === 0) found.flow = false;
    return found;
  }
  const list = new YAMLSeq();
  document.setIn(path, list);
  return list;
}

function writeNode(
  document: Document,
  node: { id: string; type: string; config: JsonObject; after?: readonly string[] },
): YAMLMap {
  const { id, type, config, after = [] } = node;
  const item = document.createNode({ id, type }) as YAMLMap;
  if (after.length > 0) item.set('depends_on', inOneLine(document.createNode([...after])));
  if (Object.keys(config).length > 0) item.set('config', document.createNode(config));
  return item;
}

function inOneLine<T>(node: T): T {
  if (isSeq(node)) node.flow = true;
  return node;
}

/** As people write them: who it is and what it waits for come first. */
const FIRST_FIELDS = ['id', 'type', 'depends_on', 'when'];

function inOrder(node: unknown): void {
  if (!isMap(node)) return;
  const place = (key: unknown): number => {
    const at = FIRST_FIELDS.indexOf(String(isScalar(key) ? key.value : key));
    return at < 0 ? FIRST_FIELDS.length : at;
  };
  node.items = node.items
    .map((item, index) => ({ item, index }))
    .sort((a, b) => place(a.item.key) - place(b.item.key) || a.index - b.index)
    .map(({ item }) => item);
}

function nodeOf(nodes: readonly DefinitionNode[], id: string): DefinitionNode {
  const found = nodes.find((node) => node.id === id);
  if (found === undefined) throw new EditRefused(`There is no node \`${id}\` any more.`);
  return found;
}

function dropDependency(document: Document, node: DefinitionNode, isGone: (id: string) => boolean): void {
  if (!node.dependsOn.some(isGone)) return;
  const path = [...nodePath(document, node), 'depends_on'];
  const list = document.getIn(path);
  if (!isSeq(list)) return;
  list.items = list.items.filter((item) => !isGone(String(isScalar(item) ? item.value : item)));
  if (list.items.length === 0) document.deleteIn(path);
}

/** Takes nodes that are gone off the branches of a condition or switch. */
function dropBranches(document: Document, node: DefinitionNode, gone: ReadonlySet<string>): void {
  if (node.type !== 'condition' && node.type !== 'switch') return;
  visit(document.getIn([...nodePath(document, node), 'config']) as YAMLMap | null, {
    Pair: (_key, { key, value }) => {
      if (!['then', 'else', 'default'].includes(isScalar(key) ? String(key.value) : '') || !isSeq(value)) return;
      value.items = value.items.filter((item) => !gone.has(String(isScalar(item) ? item.value : item)));
    },
  });
}

const NAMING_LISTS = new Set(['depends_on', 'then', 'else', 'default']);

/** Renames a node in all that names it within these nodes. */
function renameWithin(within: YAMLMap | YAMLSeq, from: string, to: string): void {
  const dotted = /^[A-Za-z_]\w*$/.test(to) ? `nodes.${to}` : `nodes["${to}"]`;
  const escaped = from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const mention = new RegExp(`\\bnodes(?:\\.${escaped}(?![\\w])|\\["${escaped}"\\]|\\['${escaped}'\\])`, 'g');
  visit(within, {
    Pair: (_key, { key, value }) => {
      if (!NAMING_LISTS.has(isScalar(key) ? String(key.value) : '') || !isSeq(value)) return;
      for (const item of value.items) if (isScalar(item) && item.value === from) item.value = to;
    },
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'string' && scalar.value.includes('nodes'))
        scalar.value = scalar.value.replace(mention, dotted);
    },
  });
}

function assign(document: Document, path: readonly (string | number)[], before: Json | undefined, after: Json): void {
  if (isEqual(before, after)) return;
  if (isObject(before) && isObject(after)) {
    const map = document.getIn(path);
    if (isMap(map)) {
      if (map.items.length === 0) map.flow = false;
      for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) document.deleteIn([...path, key]);
      for (const [key, value] of Object.entries(after)) assign(document, [...path, key], before[key], value);
      return;
    }
  }
  const isScalarValue = after === null || typeof after !== 'object';
  document.setIn(path, isScalarValue ? after : document.createNode(after));
}
