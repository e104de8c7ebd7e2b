import { Alert, Button, Select, Skeleton, Tabs } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconArchive, IconEdit, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { toProblemError } from '../../api/problem.js';
import { useMay } from '../../api/use-may.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { TimeAgo } from '../../components/time-ago.js';
import { sourceText } from './document/source-text.js';
import { DefinitionView } from './view/definition-view.js';
import { GraphView } from './view/graph-view.js';
import { RunForm } from './view/run-form.js';
import { RunList } from './view/run-list.js';
import { VersionsView } from './view/versions-view.js';
import { archiveWorkflow, schemasQuery, workflowQuery } from './workflow-queries.js';

const TABS = ['graph', 'definition', 'versions', 'runs'] as const;
type Tab = (typeof TABS)[number];

/** One workflow: what it does, how it came to be, and what it has done. `?version=` shows an older one, `?tab=` another side of it. */
export function WorkflowPage() {
  const { workflowId = '' } = useParams({ strict: false });
  const search: { version?: unknown; tab?: unknown } = useSearch({ strict: false });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayRun = useMay('POST /api/v1/workflows/{id}/execute');
  const mayEdit = useMay('PUT /api/v1/workflows/{id}');
  const mayArchive = useMay('DELETE /api/v1/workflows/{id}');
  const [isRunOpen, run] = useDisclosure(false);
  const version = Number.isInteger(search.version) ? (search.version as number) : undefined;
  const tab = TABS.find((one) => one === search.tab) ?? 'graph';
  const newest = useQuery(workflowQuery(workflowId));
  const chosen = useQuery({ ...workflowQuery(workflowId, version), enabled: version !== undefined });
  const { data: known } = useQuery(schemasQuery);
  const shown = version === undefined ? newest : chosen;
  const show = (change: { version?: number | undefined; tab?: Tab }): void => {
    const next = { tab, version, ...change };
    const wanted = {
      ...(next.tab !== 'graph' && { tab: next.tab }),
      ...(next.version !== undefined && { version: next.version }),
    };
    void navigate({ to: '/workflows/$workflowId', params: { workflowId }, search: wanted as never, replace: true });
  };
  const archive = async (): Promise<void> => {
    try {
      await archiveWorkflow(workflowId);
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['workflow', workflowId] }),
        queries.invalidateQueries({ queryKey: ['workflows'] }),
      ]);
    } catch (error) {
      const { title, detail } = toProblemError(error);
      notifications.show({ color: 'red', title, message: detail });
    }
  };

  const error = newest.error ?? shown.error;
  if (error !== null) {
    return (
      <>
        <PageHeader title={workflowId} />
        <ErrorState error={error} retry={() => void Promise.all([newest.refetch(), shown.refetch()])} />
      </>
    );
  }
  if (newest.data === undefined || shown.data === undefined || known === undefined) {
    return (
      <>
        <PageHeader title={workflowId} />
        <Skeleton h={360} />
      </>
    );
  }
  const workflow = shown.data;
  const { name, archived_at: archivedAt } = newest.data;
  const { description: about } = workflow.definition as { description?: string };
  const text = sourceText(workflow, known.schemas.workflow);
  return (
    <>
      <PageHeader
        title={name}
        description={
          <>
            {about !== undefined && <div>{about}</div>}
            <span className="figures">
              Version {workflow.version} of {newest.data.version}, published <TimeAgo at={workflow.created_at} />
            </span>
          </>
        }
        actions={
          <>
            <Select
              aria-label="Version"
              w={132}
              data={Array.from({ length: newest.data.version }, (_, index) => `${newest.data.version - index}`).map((value) => ({
                value,
                label: `Version ${value}`,
              }))}
              value={`${workflow.version}`}
              allowDeselect={false}
              searchable={newest.data.version > 12}
              limit={200}
              onChange={(value) => show({ version: Number(value) === newest.data.version ? undefined : Number(value) })}
            />
            {mayArchive && archivedAt === null && (
              <ConfirmButton
                label="Archive"
                variant="default"
                color="red"
                leftSection={<IconArchive size={16} aria-hidden />}
                confirm={`${name} will take no new runs. Those that live go on, and publishing it again ends this.`}
                onConfirm={archive}
              />
            )}
            {mayEdit && (
              <Button
                variant="default"
                leftSection={<IconEdit size={16} aria-hidden />}
                onClick={() => void navigate({ to: '/workflows/$workflowId/edit', params: { workflowId } })}
              >
                Edit
              </Button>
            )}
            {mayRun && (
              <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={run.open} disabled={archivedAt !== null}>
                Run
              </Button>
            )}
          </>
        }
      />
      {archivedAt !== null && (
        <Alert color="gray" mb="md" icon={<IconArchive size={18} />} title="This workflow is archived">
          It takes no new runs.{mayEdit && ' Edit and save it to take it back into use.'}
        </Alert>
      )}
      <Tabs value={tab} onChange={(value) => show({ tab: value as Tab })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="graph">Graph</Tabs.Tab>
          <Tabs.Tab value="definition">Definition</Tabs.Tab>
          <Tabs.Tab value="versions">Versions</Tabs.Tab>
          <Tabs.Tab value="runs">Runs</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="graph">
          <GraphView definition={workflow.definition} text={text} />
        </Tabs.Panel>
        <Tabs.Panel value="definition">
          <DefinitionView text={text} schemas={known.schemas} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <VersionsView
            name={workflowId}
            schema={known.schemas.workflow}
            newest={newest.data.version}
            onOpen={(one) => show({ version: one === newest.data.version ? undefined : one, tab: 'graph' })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <RunList workflow={workflowId} onRun={mayRun ? run.open : null} />
        </Tabs.Panel>
      </Tabs>
      <RunForm isOpen={isRunOpen} onClose={run.close} {...{ workflow }} />
    </>
  );
}
