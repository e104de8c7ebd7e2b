import { createRootRoute, createRoute, createRouter, lazyRouteComponent, type RouteComponent } from '@tanstack/react-router';
import { ErrorState } from './components/error-state.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { Shell } from './shell/shell.js';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

/** A page: its path, and where its code is. */
const page = <const P extends string>(path: P, component: RouteComponent) =>
  createRoute({ getParentRoute: () => root, path, component });

const routeTree = root.addChildren([
  page(
    '/',
    lazyRouteComponent(() => import('./pages/home/home-page.js'), 'HomePage'),
  ),
  page(
    '/tasks',
    lazyRouteComponent(() => import('./pages/tasks/tasks-page.js'), 'TasksPage'),
  ),
  page(
    '/tasks/$taskId',
    lazyRouteComponent(() => import('./pages/tasks/task-page.js'), 'TaskPage'),
  ),
  page(
    '/ask',
    lazyRouteComponent(() => import('./pages/tasks/ask-page.js'), 'AskPage'),
  ),
  page(
    '/runs',
    lazyRouteComponent(() => import('./pages/runs/runs-page.js'), 'RunsPage'),
  ),
  page(
    '/runs/$runId',
    lazyRouteComponent(() => import('./pages/runs/run-page.js'), 'RunPage'),
  ),
  page(
    '/approvals',
    lazyRouteComponent(() => import('./pages/approvals/approvals-page.js'), 'ApprovalsPage'),
  ),
  page(
    '/workflows',
    lazyRouteComponent(() => import('./pages/workflows/workflows-page.js'), 'WorkflowsPage'),
  ),
  page(
    '/workflows/new',
    lazyRouteComponent(() => import('./pages/workflows/workflow-editor-page.js'), 'WorkflowEditorPage'),
  ),
  page(
    '/workflows/$workflowId',
    lazyRouteComponent(() => import('./pages/workflows/workflow-page.js'), 'WorkflowPage'),
  ),
  page(
    '/workflows/$workflowId/edit',
    lazyRouteComponent(() => import('./pages/workflows/workflow-editor-page.js'), 'WorkflowEditorPage'),
  ),
  page(
    '/workers',
    lazyRouteComponent(() => import('./pages/workers/workers-page.js'), 'WorkersPage'),
  ),
  page(
    '/dead-letters',
    lazyRouteComponent(() => import('./pages/dead-letters/dead-letters-page.js'), 'DeadLettersPage'),
  ),
  page(
    '/documents',
    lazyRouteComponent(() => import('./pages/documents/documents-page.js'), 'DocumentsPage'),
  ),
  page(
    '/search',
    lazyRouteComponent(() => import('./pages/documents/search-page.js'), 'SearchPage'),
  ),
  page(
    '/analytics',
    lazyRouteComponent(() => import('./pages/analytics/analytics-page.js'), 'AnalyticsPage'),
  ),
  page(
    '/settings',
    lazyRouteComponent(() => import('./pages/settings/settings-page.js'), 'SettingsPage'),
  ),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
