import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@uiw/react-codemirror';
import type { Extension } from '@uiw/react-codemirror';
import { tags } from '@lezer/highlight';

const COLORS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'light-dark(#4344bf, #a9b0f7)' },
  { tag: tags.string, color: 'light-dark(#0b6349, #7fd9bb)' },
  { tag: tags.comment, color: 'light-dark(#5b6273, #979daf)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.bool, tags.null, tags.labelName, tags.typeName], color: 'light-dark(#5b34b5, #c3b0fa)' },
  { tag: tags.number, color: 'light-dark(#97420a, #f3b184)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace, tags.meta], color: 'light-dark(#5b6273, #9aa1b5)' },
]);

/** The editor in the colours of the console, in both schemes. */
export const YAML_THEME: Extension = [
  syntaxHighlighting(COLORS),
  EditorView.theme({
    '&': { height: '100%', fontSize: '13px', backgroundColor: 'var(--baton-surface)', color: 'var(--mantine-color-text)' },
    '&.cm-focused': { outline: 'none' },
    // Around text and line numbers alike.
    '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '20px', paddingBlock: '8px' },
    '.cm-content': { padding: '0', caretColor: 'var(--mantine-color-text)' },
    '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
    '.cm-gutters': { backgroundColor: 'var(--baton-surface)', color: 'var(--mantine-color-dimmed)', border: 'none' },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'light-dark(rgb(79 82 217 / 6%), rgb(98 105 230 / 10%))' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
      backgroundColor: 'light-dark(#dfe2fd, #2f3360)',
    },
    '.cm-tooltip': {
      border: '1px solid var(--baton-line)',
      borderRadius: '8px',
      backgroundColor: 'var(--baton-surface)',
      color: 'var(--mantine-color-text)',
      boxShadow: 'var(--mantine-shadow-md)',
      overflow: 'hidden',
    },
    '.cm-told, .cm-completionInfo': { padding: '8px 12px', maxWidth: '360px', fontSize: '13px', lineHeight: '18px' },
    '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mantine-font-family-monospace)', maxHeight: '280px' },
    '.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px', lineHeight: '20px' },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
      backgroundColor: 'var(--mantine-primary-color-filled)',
      color: '#fff',
    },
    '.cm-completionDetail': { marginInlineStart: '12px', fontStyle: 'normal', opacity: '0.75' },
    '.cm-diagnostic': { padding: '6px 12px', fontSize: '13px', borderInlineStartWidth: '3px' },
    '.cm-lintPoint, .cm-lintRange': { backgroundPosition: 'left bottom' },
    '.cm-gutter-lint': { width: '16px' },
    '.cm-gutter-lint .cm-gutterElement': { padding: '2px 0 0 2px' },
    '.cm-panels': { backgroundColor: 'var(--baton-ground)', color: 'inherit' },
  }),
];
