import { IconActivity, IconChecklist, IconSitemap, type Icon } from '@tabler/icons-react';
import { PAGES } from './pages.js';

/** Something that the palette does: it leads somewhere, or it acts. */
export interface Command {
  id: string;
  label: string;
  icon: Icon;
  hint?: string;
  /** Further words under which it is found. */
  words?: string;
  /** The keys that do the same. */
  keys?: readonly string[];
  href?: string;
  act?: () => void;
}

export interface CommandSources {
  actions: readonly Command[];
  workflows: readonly { workflow_id: string; name: string }[];
}

/** As ids of runs, tasks and workflows are: no words, and long. */
const ID = /^[\w.:-]{8,64}$/;
const MAX_SHOWN = 50;

const PAGE_COMMANDS: readonly Command[] = PAGES.map(({ path, label, icon, key, words }) => ({
  ...{ id: path, label, icon, words, href: path },
  keys: ['g', key],
}));

/** What fits a text: pages and actions first, then workflows, then what an id may name. */
export function findCommands(text: string, { actions, workflows }: CommandSources): Command[] {
  const wanted = text.trim().toLowerCase().split(/\s+/);
  const named = workflows.map(({ workflow_id: id, name }) => ({
    ...{ id: `workflow ${id}`, label: name, icon: IconSitemap, hint: 'Workflow' },
    href: `/workflows/${encodeURIComponent(id)}`,
  }));
  const known: Command[] = [...PAGE_COMMANDS, ...actions, ...(text.trim() === '' ? [] : named)];
  const fitting = known.filter(({ label, words = '', hint = '' }) => {
    const all = `${label} ${words} ${hint}`.toLowerCase();
    return wanted.every((word) => all.includes(word));
  });
  return [...fitting, ...byId(text.trim())].slice(0, MAX_SHOWN);
}

function byId(id: string): Command[] {
  if (!ID.test(id) || !/\d/.test(id)) return [];
  return [
    { id: 'open run', label: `Open the run ${id}`, icon: IconActivity, href: `/runs/${encodeURIComponent(id)}` },
    { id: 'open task', label: `Open the task ${id}`, icon: IconChecklist, href: `/tasks/${encodeURIComponent(id)}` },
  ];
}
