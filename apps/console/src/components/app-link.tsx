import { useRouter } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, MouseEvent } from 'react';

export interface AppLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  /** A path of the console, with its search. */
  href: string;
}

/** A link to a page of the console by its address; `Link` of the router is for paths that are known in the code. */
export function AppLink({ href, onClick, ...anchor }: AppLinkProps) {
  const router = useRouter();
  const go = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const isOther = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (event.defaultPrevented || isOther) return;
    event.preventDefault();
    router.history.push(href);
  };
  return <a {...anchor} href={href} onClick={go} />;
}
