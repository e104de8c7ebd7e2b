import { ScrollArea } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { PAGE_GROUPS, type PageLink } from './pages.js';
import styles from './shell.module.css';

export function Sidebar() {
  return (
    <ScrollArea type="hover" scrollbarSize={6}>
      {PAGE_GROUPS.map(({ title, pages }) => (
        <div key={title}>
          <div className={styles.group}>{title}</div>
          {pages.map((page) => (
            <SidebarLink key={page.path} page={page} />
          ))}
        </div>
      ))}
    </ScrollArea>
  );
}

function SidebarLink({ page: { path, label, icon: Icon } }: { page: PageLink }) {
  const { pathname } = useLocation();
  const isActive = path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`);
  return (
    <Link to={path} className={styles.link} data-active={isActive || undefined} aria-current={isActive ? 'page' : undefined}>
      <Icon size={18} stroke={1.7} aria-hidden />
      {label}
    </Link>
  );
}
