import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { patternText } from './document/pattern-text.js';
import { sourceText } from './document/source-text.js';
import { Editor, type EditorProps } from './editor/editor.js';
import { TEMPLATES } from './templates.js';
import { patternsQuery, schemasQuery, workflowQuery, type Pattern } from './workflow-queries.js';

/** Makes a workflow, or the next version of one. `?from=` names a template, `?pattern=` a pattern to begin from. */
export function WorkflowEditorPage() {
  const { workflowId } = useParams({ strict: false });
  const search: { from?: unknown; pattern?: unknown } = useSearch({ strict: false });
  const known = useQuery(schemasQuery);
  const patterns = useQuery(patternsQuery);
  const workflow = useQuery({ ...workflowQuery(workflowId ?? ''), enabled: workflowId !== undefined });
  // What was loaded first is edited: what comes later is a conflict when it is saved.
  const [opened, setOpened] = useState<{ key: string; props: Omit<EditorProps, 'known' | 'patterns'> } | null>(null);
  const key = `${workflowId ?? ''} ${String(search.from)} ${String(search.pattern)}`;

  const title = workflowId === undefined ? 'New workflow' : `Edit ${workflowId}`;
  const error = known.error ?? patterns.error ?? workflow.error;
  if (error !== null) {
    return (
      <>
        <PageHeader title={title} />
        <ErrorState
          error={error}
          retry={() => [known, patterns, workflow].forEach((query) => query.isError && void query.refetch())}
        />
      </>
    );
  }
  const isReady =
    known.data !== undefined && patterns.data !== undefined && (workflowId === undefined || workflow.data !== undefined);
  if (!isReady) {
    return (
      <>
        <PageHeader title={title} />
        <Skeleton h="60vh" />
      </>
    );
  }
  if (opened?.key !== key) {
    const { data } = workflow;
    const first = data === undefined ? beginning(search, patterns.data) : sourceText(data, known.data.schemas.workflow);
    setOpened({ key, props: { first, base: data === undefined ? null : { name: data.name, version: data.version } } });
    return null;
  }
  return <Editor key={key} {...opened.props} known={known.data} patterns={patterns.data} />;
}

function beginning({ from, pattern }: { from?: unknown; pattern?: unknown }, patterns: readonly Pattern[]): string {
  const named = patterns.find(({ name }) => name === pattern);
  if (named !== undefined) return patternText({ ...named, example: named.example });
  return (TEMPLATES.find(({ key }) => key === from) ?? TEMPLATES[0]!).text;
}
