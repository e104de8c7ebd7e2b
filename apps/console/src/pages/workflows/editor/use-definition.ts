import { notifications } from '@mantine/notifications';
import { useCallback, useMemo, useReducer, useRef } from 'react';
import { flowOf, formOf, nodesOf, type DefinitionForm, type DefinitionNode, type FlowNode } from '../document/definition.js';
import { editHistory, openHistory } from '../document/edit-history.js';
import { EditRefused } from '../document/graph-edits.js';
import { isObject, type Json } from '../document/json.js';
import { readYaml, type YamlText } from '../document/yaml-text.js';

/** A definition under edit: one text, and what can be seen in it. */
export interface Definition {
  readonly text: string;
  readonly read: YamlText;
  readonly form: DefinitionForm;
  readonly nodes: readonly DefinitionNode[];
  readonly flow: readonly FlowNode[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly type: (text: string) => void;
  /** Makes an edit of the text, and tells the person where it cannot be made. False: it was not. */
  readonly edit: (change: (text: string) => string, how?: 'type' | 'replace') => boolean;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly open: (text: string) => void;
}

/** The nodes that the text was last seen to have stay in the graph while it is half typed. */
export function useDefinition(first: string): Definition {
  const [history, dispatch] = useReducer(editHistory, first, openHistory);
  const { text, past, future } = history;
  const read = useMemo(() => readYaml(text), [text]);
  const seen = useRef<Json | undefined>(undefined);
  if (read.json !== undefined) seen.current = read.json;
  const json = seen.current;
  const nodes = useMemo(() => nodesOf(isObject(json) && isObject(json['workflow']) ? json['workflow'] : json), [json]);
  const flow = useMemo(() => flowOf(nodes), [nodes]);

  const current = useRef(text);
  current.current = text;
  const type = useCallback((next: string) => dispatch({ kind: 'type', text: next, at: Date.now() }), []);
  const edit = useCallback<Definition['edit']>((change, how = 'replace') => {
    try {
      const next = change(current.current);
      current.current = next;
      dispatch(how === 'type' ? { kind: 'type', text: next, at: Date.now() } : { kind: 'replace', text: next });
      return true;
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
      notifications.show({ color: 'yellow', title: 'This cannot be done', message: error.message.replaceAll('`', '') });
      return false;
    }
  }, []);
  return {
    ...{ text, read, nodes, flow, type, edit, form: formOf(json) },
    ...{ canUndo: past.length > 0, canRedo: future.length > 0 },
    undo: useCallback(() => dispatch({ kind: 'undo' }), []),
    redo: useCallback(() => dispatch({ kind: 'redo' }), []),
    open: useCallback((next: string) => dispatch({ kind: 'open', text: next }), []),
  };
}
