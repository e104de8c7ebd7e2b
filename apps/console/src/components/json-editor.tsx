import { json, jsonParseLinter } from '@codemirror/lang-json';
import { linter } from '@codemirror/lint';
import { useComputedColorScheme } from '@mantine/core';
import CodeMirror, { EditorView } from '@uiw/react-codemirror';
import { useMemo } from 'react';
import styles from './json-editor.module.css';

export interface JsonEditorProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  height?: string;
}

/** JSON to be written, with its faults underlined. Load it lazily: the editor is large. */
export function JsonEditor({ label, value, onChange, height = '240px' }: JsonEditorProps) {
  const scheme = useComputedColorScheme('light');
  const extensions = useMemo(
    () => [json(), linter(jsonParseLinter()), EditorView.lineWrapping, EditorView.contentAttributes.of({ 'aria-label': label })],
    [label],
  );
  return (
    <CodeMirror
      className={styles.editor}
      value={value}
      onChange={onChange}
      height={height}
      theme={scheme}
      extensions={extensions}
    />
  );
}
