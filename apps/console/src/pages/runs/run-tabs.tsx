import { Drawer, Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconChartArrowsVertical,
  IconCoin,
  IconFileDiff,
  IconHierarchy3,
  IconListDetails,
  IconLogs,
  IconPackage,
} from '@tabler/icons-react';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { RunGraph } from '../../components/graph/run-graph.js';
import { useSearchState } from '../../components/use-search-state.js';
import { NodePanel } from './node-panel.js';
import styles from './run.module.css';
import type { Run } from './run-types.js';
import type { ShownRun } from './use-run-view.js';
import { graphNodes } from './view/graph-nodes.js';

const Waterfall = lazy(() => import('./waterfall.js'));
const Journal = lazy(() => import('./journal.js'));
const LogsTab = lazy(() => import('./logs/logs-tab.js'));
const ResultTab = lazy(() => import('./result-tab.js'));
const CostsTab = lazy(() => import('./costs-tab.js'));
const ChangesTab = lazy(() => import('./changes-tab.js'));

const TABS = [
  { key: 'graph', label: 'Graph', icon: IconHierarchy3 },
  { key: 'timeline', label: 'Timeline', icon: IconChartArrowsVertical },
  { key: 'logs', label: 'Logs', icon: IconLogs },
  { key: 'journal', label: 'Journal', icon: IconListDetails },
  { key: 'result', label: 'Input and result', icon: IconPackage },
  { key: 'costs', label: 'Costs', icon: IconCoin },
  { key: 'changes', label: 'Changes', icon: IconFileDiff },
] as const;

/** The views of a run, and the node that is looked at beside them. Both stand in the address. */
export function RunTabs({ run, shown }: { run: Run; shown: ShownRun }) {
  const [{ tab, node }, change] = useSearchState();
  const isNarrow = useMediaQuery('(max-width: 75em)') ?? false;
  const current = TABS.find(({ key }) => key === tab)?.key ?? 'graph';
  const { view } = shown;
  const nodes = useMemo(() => (view === null ? [] : graphNodes(view)), [view]);
  // Among the logs a node is what they are narrowed to.
  const selected = current === 'logs' ? undefined : view?.nodes.find(({ id }) => id === node);
  const select = (id: string): void => change({ node: id });
  const close = (): void => change({ node: undefined });
  const views: Record<(typeof TABS)[number]['key'], () => ReactNode> = {
    graph: () => (
      <div className={styles.canvas}>
        <RunGraph nodes={nodes} selected={node} onSelect={select} />
      </div>
    ),
    timeline: () => view !== null && <Waterfall view={view} selected={node} onSelect={select} />,
    logs: () => <LogsTab run={run} shown={shown} node={node} onNode={(id) => change({ node: id })} />,
    journal: () => <Journal events={shown.events} />,
    result: () => <ResultTab run={run} />,
    costs: () => <CostsTab run={run} view={view} onSelect={select} />,
    changes: () => <ChangesTab run={run} />,
  };
  const panel = selected !== undefined && (
    <NodePanel node={selected} run={run} shown={shown} onClose={close} onLogs={() => change({ tab: 'logs' })} />
  );
  return (
    <div className={styles.split} data-open={(selected !== undefined && !isNarrow) || undefined}>
      <Tabs value={current} onChange={(value) => change({ tab: value === 'graph' ? undefined : (value ?? undefined) })}>
        <Tabs.List className={styles.tabs}>
          {TABS.map(({ key, label, icon: Icon }) => (
            <Tabs.Tab key={key} value={key} leftSection={<Icon size={16} aria-hidden />}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ key }) => (
          <Tabs.Panel key={key} value={key} pt="md">
            {key === current && <Suspense fallback={<div className={styles.canvas} aria-busy />}>{views[key]()}</Suspense>}
          </Tabs.Panel>
        ))}
      </Tabs>
      {isNarrow ? (
        <Drawer.Root opened={selected !== undefined} onClose={close} position="bottom" size="85%">
          <Drawer.Overlay />
          <Drawer.Content aria-label={`Node ${node ?? ''}`}>
            <Drawer.Body p={0}>{panel}</Drawer.Body>
          </Drawer.Content>
        </Drawer.Root>
      ) : (
        panel
      )}
    </div>
  );
}
