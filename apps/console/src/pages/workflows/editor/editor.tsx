import { ActionIcon, Alert, Button, Drawer, Group, SegmentedControl, Skeleton, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowBackUp, IconArrowForwardUp, IconDeviceFloppy, IconInfoCircle, IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useMemo, useState, type KeyboardEvent } from 'react';
import { PageHeader } from '../../../components/page-header.js';
import { canonicalText } from '../document/source-text.js';
import type { Known, Pattern } from '../workflow-queries.js';
import styles from './editor.module.css';
import { Inspector } from './inspector.js';
import { Palette } from './palette.js';
import { ProblemList } from './problem-list.js';
import { SaveConflict } from './save-conflict.js';
import { useBuilder } from './use-builder.js';
import { useDefinition } from './use-definition.js';
import { useSave } from './use-save.js';
import { useValidation, type Mark } from './use-validation.js';

const YamlEditor = lazy(() => import('./yaml-editor.js'));
const BuilderCanvas = lazy(() => import('../canvas/builder-canvas.js'));

export interface EditorProps {
  /** The text to begin from. */
  first: string;
  /** The version that it is of; null: the workflow is new. */
  base: { name: string; version: number } | null;
  known: Known;
  patterns: readonly Pattern[];
}

/** A definition as text and as a graph, side by side: two views of one document. */
export function Editor({ first, base, known: { schemas, types }, patterns }: EditorProps) {
  const definition = useDefinition(first);
  const { text, read, nodes, flow, form, type, edit, undo, redo, canUndo, canRedo } = definition;
  const checked = useValidation(text, read);
  const builder = useBuilder({ definition, checked, types, patterns });
  const [side, setSide] = useState<'yaml' | 'node'>('yaml');
  const [view, setView] = useState<'graph' | 'text'>('graph');
  const [shown, setShown] = useState<{ from: number } | null>(null);
  const [isPaletteOpen, palette] = useDisclosure(false);
  const save = useSave({ text, first, base });
  const node = nodes.find(({ id }) => id === builder.selected);

  const { select } = builder;
  const choose = useCallback(
    (id: string | null): void => {
      select(id);
      setSide(id === null ? 'yaml' : 'node');
    },
    [select],
  );
  const add = (key: string): void => {
    palette.close();
    void builder.add(key, builder.selected).then((id) => id !== null && choose(id));
  };
  const edits = useMemo(
    () =>
      builder.edits === undefined
        ? undefined
        : {
            ...builder.edits,
            drop: (key: string, over: string | null) => void builder.add(key, over).then((id) => id !== null && choose(id)),
          },
    [builder, choose],
  );
  const show = (mark: Mark): void => {
    setSide('yaml');
    setView('text');
    setShown({ from: mark.from });
  };
  const press = (event: KeyboardEvent<HTMLElement>): void => {
    if (!(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key === 's') {
      event.preventDefault();
      if (!save.isBlocked) save.run();
    }
    // Fields for text have a way back of their own.
    if (
      (key !== 'z' && key !== 'y') ||
      event.defaultPrevented ||
      (event.target as HTMLElement).matches('input, textarea, [contenteditable] *, [contenteditable]')
    )
      return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) redo();
    else undo();
  };
  const paletteProps = { entries: builder.entries, isDisabled: builder.edits === undefined, onAdd: add };
  const hasErrors = checked.marks.some(({ severity }) => severity === 'error');

  return (
    <div className={styles.page} onKeyDown={press}>
      <PageHeader
        title={base === null ? 'New workflow' : `Edit ${base.name}`}
        description={descriptionOf(base, save.isAllowed)}
        actions={
          <>
            <HistoryButtons {...{ undo, redo, canUndo, canRedo }} />
            {save.isAllowed && (
              <Tooltip label="Mend the errors first" disabled={!hasErrors}>
                <Button
                  leftSection={<IconDeviceFloppy size={16} aria-hidden />}
                  onClick={save.run}
                  loading={save.isBusy}
                  disabled={save.isBlocked || hasErrors}
                >
                  Save
                </Button>
              </Tooltip>
            )}
          </>
        }
      />
      <Group className={styles.narrow} mb="xs" justify="space-between">
        <SegmentedControl
          size="xs"
          value={view}
          onChange={(value) => setView(value)}
          data={[
            { value: 'graph', label: 'Graph' },
            { value: 'text', label: 'YAML and node' },
          ]}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={palette.open}
          disabled={builder.edits === undefined}
        >
          Add a node
        </Button>
      </Group>
      <div className={styles.work} data-view={view}>
        <div className={styles.wide} style={{ minHeight: 0 }}>
          <Palette {...paletteProps} />
        </div>
        <div className={styles.graph}>
          <FormNotice
            {...{ form }}
            onConvert={
              (checked.reply?.definition ?? null) === null
                ? null
                : () => edit(() => canonicalText(checked.reply!.definition, schemas.workflow))
            }
          />
          <Suspense fallback={<Skeleton h="100%" />}>
            <BuilderCanvas
              flow={form === 'nodes' || form === 'empty' ? flow : builder.translated}
              {...{ edgeLabels: builder.edgeLabels, toneOf: builder.toneOf, problems: builder.problems, output: builder.output }}
              selected={builder.selected}
              onSelect={choose}
              edits={edits}
              empty={
                <Text c="dimmed" size="sm" ta="center" p="lg">
                  Press a node in the palette, or drag it here.
                </Text>
              }
            />
          </Suspense>
        </div>
        <div className={styles.side}>
          <div className={styles.tabs}>
            <SegmentedControl
              size="xs"
              fullWidth
              aria-label="Beside the graph"
              value={side}
              onChange={(value) => setSide(value)}
              data={[
                { value: 'yaml', label: 'YAML' },
                { value: 'node', label: node === undefined ? 'Node' : `Node: ${node.id}` },
              ]}
            />
          </div>
          <div className={`${styles.panel} ${side === 'yaml' ? styles.text : ''}`}>
            {side === 'yaml' ? (
              <Suspense fallback={<Skeleton h="100%" />}>
                <YamlEditor
                  label="Definition in YAML"
                  {...{ text, shown, schemas }}
                  marks={checked.marks}
                  onType={type}
                  onUndo={undo}
                  onRedo={redo}
                />
              </Suspense>
            ) : node === undefined ? (
              <Text c="dimmed" size="sm" p="md">
                Choose a node in the graph to see its fields.
              </Text>
            ) : (
              <Inspector
                key={node.index}
                {...{ node, nodes, schemas }}
                onChange={builder.update}
                onRename={builder.rename}
                onRemove={builder.remove}
              />
            )}
          </div>
          <ProblemList checked={checked} onShow={show} />
        </div>
      </div>
      <Drawer opened={isPaletteOpen} onClose={palette.close} title="Add a node" size="sm">
        <Palette {...paletteProps} />
      </Drawer>
      {base !== null || save.conflict !== null ? (
        <SaveConflict
          name={save.name}
          newest={save.conflict}
          {...{ text, schema: schemas.workflow }}
          onClose={save.dismiss}
          onSaveOver={save.over}
          onTakeTheirs={(theirs) => {
            edit(() => theirs);
            save.rebase();
          }}
        />
      ) : null}
    </div>
  );
}

function descriptionOf(base: EditorProps['base'], mayBeSaved: boolean | undefined): string {
  if (mayBeSaved === false) return 'Try what you like: your role saves no workflows.';
  if (base === null) return 'Build it from the palette or write it: both are the same document.';
  return `From version ${base.version}; saving makes version ${base.version + 1}.`;
}

function HistoryButtons({
  undo,
  redo,
  canUndo,
  canRedo,
}: {
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
}) {
  return (
    <Group gap={4}>
      <Tooltip label="Undo (Ctrl Z)">
        <ActionIcon variant="default" size={36} aria-label="Undo" onClick={undo} disabled={!canUndo}>
          <IconArrowBackUp size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo (Ctrl Y)">
        <ActionIcon variant="default" size={36} aria-label="Redo" onClick={redo} disabled={!canRedo}>
          <IconArrowForwardUp size={18} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

/** Definitions in another form than nodes are drawn as the nodes that they become; to be built on, they must be nodes. */
function FormNotice({ form, onConvert }: { form: string; onConvert: (() => void) | null }) {
  if (form !== 'tasks' && form !== 'pattern') return null;
  return (
    <Alert variant="light" color="gray" icon={<IconInfoCircle size={18} />} p="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          {form === 'tasks' ? 'Written as agents and tasks' : 'Written as a pattern with its parameters'}: these are the nodes
          that it becomes. Edit the YAML, or
        </Text>
        <Button size="compact-sm" variant="default" onClick={onConvert ?? undefined} disabled={onConvert === null}>
          Turn it into nodes
        </Button>
      </Group>
    </Alert>
  );
}
