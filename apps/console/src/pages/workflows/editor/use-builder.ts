import { notifications } from '@mantine/notifications';
import { useCallback, useMemo, useState } from 'react';
import { toProblemError } from '../../../api/problem.js';
import { branchLabels, flowOf, nodesOf, upstreamOf, type FlowNode } from '../document/definition.js';
import { addNode, addNodes, connect, disconnect, removeNodes, renameNode, updateNode } from '../document/graph-edits.js';
import { isObject, type JsonObject } from '../document/json.js';
import { TONES } from '../../../components/graph/kind-icon.js';
import { expandPattern, type NodeType, type Pattern } from '../workflow-queries.js';
import type { PaletteEntry } from './palette.js';
import type { Definition } from './use-definition.js';
import type { Checked } from './use-validation.js';

/** What the palette, the canvas and the form of a node do to the document. */
export function useBuilder({
  definition,
  checked,
  types,
  patterns,
}: {
  definition: Definition;
  checked: Checked;
  types: readonly NodeType[];
  patterns: readonly Pattern[];
}) {
  const { nodes, form, read, edit } = definition;
  const [selected, select] = useState<string | null>(null);
  const isEditable = (form === 'nodes' || form === 'empty') && read.faults.length === 0;

  const entries = useMemo(() => paletteOf(types, patterns), [types, patterns]);
  const toneOf = useMemo(() => {
    const tones = new Map(types.map(({ type, category }) => [type, TONES[category] ?? 'gray']));
    return (kind: string): string => tones.get(kind) ?? 'gray';
  }, [types]);
  const translated = useMemo((): readonly FlowNode[] => flowOf(nodesOf(checked.reply?.definition)), [checked.reply]);
  const edgeLabels = useMemo(() => {
    const labels = nodes.flatMap((node) => [...branchLabels(node)].map(([to, label]) => [`${node.id} ${to}`, label] as const));
    return new Map(labels);
  }, [nodes]);
  const problems = useMemo(() => {
    const found = new Map<string, string>();
    for (const { pointer, message } of checked.marks) {
      const index = /^(?:\/workflow)?\/nodes\/(\d+)/.exec(pointer ?? '')?.[1];
      const node = index === undefined ? undefined : nodes.find((one) => one.index === Number(index));
      if (node !== undefined && !found.has(node.id)) found.set(node.id, message.replaceAll('`', ''));
    }
    return found;
  }, [checked.marks, nodes]);
  const root = isObject(read.json) ? read.json : {};
  const output = typeof root['output'] === 'string' ? root['output'] : null;

  const add = useCallback(
    async (key: string, after: string | null): Promise<string | null> => {
      const [what, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
      let id: string | null = null;
      if (what === 'node') {
        const example = (types.find(({ type }) => type === name)?.example ?? {}) as JsonObject;
        edit((text) => {
          const added = addNode(text, { type: name, config: example, ...(after !== null && { after: [after] }) });
          id = added.id;
          return added.text;
        });
        return id;
      }
      const pattern = patterns.find((one) => one.name === name);
      const made = pattern === undefined ? null : await expandPattern(pattern).catch(tell);
      if (made === null) return null;
      edit((text) => {
        const added = addNodes(text, made);
        id = added.ids[0] ?? null;
        return after === null || id === null ? added.text : connect(added.text, after, id);
      });
      return id;
    },
    [edit, types, patterns],
  );
  const remove = useCallback(
    (id: string): void => {
      if (edit((text) => removeNodes(text, [id]))) select(null);
    },
    [edit],
  );
  const rename = useCallback(
    (id: string, wish: string): boolean => {
      const isDone = edit((text) => renameNode(text, id, wish));
      if (isDone) select(wish);
      return isDone;
    },
    [edit],
  );
  const update = useCallback((id: string, value: JsonObject) => void edit((text) => updateNode(text, id, value), 'type'), [edit]);
  const edits = useMemo(() => {
    if (!isEditable) return undefined;
    return {
      canConnect: (from: string, to: string) => from !== to && !upstreamOf(nodes, from).has(to),
      connect: (from: string, to: string) => void edit((text) => connect(text, from, to)),
      disconnect: (from: string, to: string) => void edit((text) => disconnect(text, from, to)),
      remove,
    };
  }, [isEditable, nodes, edit, remove]);

  return { selected, select, entries, toneOf, translated, edgeLabels, problems, output, add, remove, rename, update, edits };
}

function tell(error: unknown): null {
  const { title, detail } = toProblemError(error);
  notifications.show({ color: 'red', title, message: detail });
  return null;
}

function paletteOf(types: readonly NodeType[], patterns: readonly Pattern[]): PaletteEntry[] {
  return [
    ...types.map(({ type, category, description, available }) => ({
      ...{ key: `node:${type}`, name: type.replaceAll('_', ' '), kind: type, category, description, available },
    })),
    ...patterns.map(({ name, description }) => ({
      ...{ key: `pattern:${name}`, name, kind: 'pattern', category: 'patterns', description, available: true },
    })),
  ];
}
