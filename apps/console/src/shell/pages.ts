import {
  IconActivity,
  IconBooks,
  IconChartBar,
  IconChecklist,
  IconHome,
  IconMailX,
  IconMessageCircleQuestion,
  IconSearch,
  IconServer2,
  IconSettings,
  IconSitemap,
  IconUserCheck,
  type Icon,
} from '@tabler/icons-react';

export interface PageLink {
  path: string;
  label: string;
  icon: Icon;
  /** The key after `g`. */
  key: string;
  /** Further words under which the palette finds it. */
  words: string;
}

/** The pages of the sidebar, by group. */
export const PAGE_GROUPS: readonly { title: string; pages: readonly PageLink[] }[] = [
  {
    title: 'Work',
    pages: [
      { path: '/', label: 'Home', icon: IconHome, key: 'h', words: 'overview dashboard start' },
      { path: '/tasks', label: 'Tasks', icon: IconChecklist, key: 't', words: 'work requests' },
      { path: '/ask', label: 'Ask', icon: IconMessageCircleQuestion, key: 'q', words: 'question agent query answer' },
      { path: '/runs', label: 'Runs', icon: IconActivity, key: 'r', words: 'executions timeline' },
      { path: '/approvals', label: 'Approvals', icon: IconUserCheck, key: 'a', words: 'inbox decide people waiting' },
    ],
  },
  {
    title: 'Build',
    pages: [
      { path: '/workflows', label: 'Workflows', icon: IconSitemap, key: 'w', words: 'definitions versions builder yaml' },
      { path: '/documents', label: 'Documents', icon: IconBooks, key: 'd', words: 'ingest knowledge files' },
      { path: '/search', label: 'Search', icon: IconSearch, key: 'f', words: 'retrieval playground rag' },
    ],
  },
  {
    title: 'Operate',
    pages: [
      { path: '/workers', label: 'Workers & queues', icon: IconServer2, key: 'k', words: 'pools depth replicas capacity' },
      { path: '/dead-letters', label: 'Dead letters', icon: IconMailX, key: 'l', words: 'failed replay discard errors' },
      { path: '/analytics', label: 'Analytics', icon: IconChartBar, key: 'n', words: 'costs success rate durations' },
      { path: '/settings', label: 'Settings', icon: IconSettings, key: 's', words: 'token theme limits health' },
    ],
  },
];

export const PAGES: readonly PageLink[] = PAGE_GROUPS.flatMap(({ pages }) => pages);
