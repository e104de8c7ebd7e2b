import { autocompletion } from '@codemirror/autocomplete';
import { yaml, yamlLanguage } from '@codemirror/lang-yaml';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import CodeMirror, { EditorView, keymap, Prec } from '@uiw/react-codemirror';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { DefinitionSchemas } from '../document/schema-lookup.js';
import type { Mark } from './use-validation.js';
import { completeDefinition, explainDefinition } from './yaml-completion.js';
import { YAML_THEME } from './yaml-theme.js';

export interface YamlEditorProps {
  /** What the text is, for those who do not see it. */
  label: string;
  text: string;
  /** Absent: the text is only read. */
  onType?: (text: string) => void;
  onUndo?: () => void;
  onRedo?: () => void;
  marks?: readonly Mark[];
  schemas?: DefinitionSchemas | undefined;
  /** A place to be brought into view; another object brings it again. */
  shown?: { from: number } | null;
}

const SETUP = {
  history: false,
  foldGutter: true,
  highlightActiveLine: true,
  tabSize: 2,
  autocompletion: false,
  lintKeymap: true,
} as const;

/** A text of YAML with completion, explanations and errors at their lines. Undo and redo belong to whoever keeps the text. */
export default function YamlEditor({ label, text, onType, onUndo, onRedo, marks = [], schemas, shown = null }: YamlEditorProps) {
  const [view, setView] = useState<EditorView | null>(null);
  const latest = useRef({ schemas, onUndo, onRedo });
  latest.current = { schemas, onUndo, onRedo };
  const extensions = useMemo(() => {
    const known = (): DefinitionSchemas | undefined => latest.current.schemas;
    const act = (name: 'onUndo' | 'onRedo') => (): boolean => {
      latest.current[name]?.();
      return latest.current[name] !== undefined;
    };
    return [
      yaml(),
      yamlLanguage.data.of({ autocomplete: completeDefinition(known) }),
      autocompletion({ icons: false }),
      explainDefinition(known),
      lintGutter(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': label }),
      Prec.highest(
        keymap.of([
          { key: 'Mod-z', run: act('onUndo'), preventDefault: true },
          { key: 'Mod-y', run: act('onRedo'), preventDefault: true },
          { key: 'Mod-Shift-z', run: act('onRedo'), preventDefault: true },
        ]),
      ),
      YAML_THEME,
    ];
  }, [label]);

  // Before the component itself would replace the whole text: only what differs, so that the cursor stays where it is.
  useLayoutEffect(() => {
    if (view === null || view.state.doc.toString() === text) return;
    view.dispatch({ changes: change(view.state.doc.toString(), text) });
  }, [view, text]);
  useEffect(() => {
    if (view === null) return;
    const end = view.state.doc.length;
    const diagnostics = marks
      .filter(({ from }) => from <= end)
      .map(({ from, to, severity, message, remedy }) => ({
        from,
        to: Math.min(to, end),
        severity,
        message: remedy === null ? message : `${message} ${remedy}`,
      }));
    view.dispatch(setDiagnostics(view.state, diagnostics));
  }, [view, marks, text]);
  useEffect(() => {
    if (view === null || shown === null) return;
    const at = Math.min(shown.from, view.state.doc.length);
    view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
  }, [view, shown]);

  return (
    <CodeMirror
      onCreateEditor={setView}
      value={text}
      height="100%"
      style={{ height: '100%' }}
      theme="none"
      basicSetup={SETUP}
      extensions={extensions}
      editable={onType !== undefined}
      readOnly={onType === undefined}
      onChange={(next) => onType?.(next)}
    />
  );
}

/** The one stretch in which two texts differ. */
function change(before: string, after: string): { from: number; to: number; insert: string } {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  let tail = 0;
  while (tail < most - from && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) };
}
