import { BatonError } from '@baton/core';
import type { FastifyInstance } from 'fastify';
import type { LinkedApprovalReply } from './wire/approval.js';

/** The page has neither scripts nor anything from elsewhere, and its form goes back here alone. */
export const LINK_PAGE_POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const LABELS = { approve: 'Approve', reject: 'Reject' } as const;

/** Asks; the form sends the decision to the address of the page. */
export function questionPage({ title, status, decider, choices, payload }: LinkedApprovalReply): string {
  const proposal = payload === null ? '' : `<pre>${escape(JSON.stringify(payload, null, 2))}</pre>`;
  if (status !== 'open') return page(title, `${proposal}<p>This no longer waits for a decision.</p>`);
  const buttons = choices.map((choice) => `<button name="decision" value="${choice}">${LABELS[choice]}</button>`).join(' ');
  const comment = '<p><label>Comment<br><textarea name="comment" rows="4" cols="60" maxlength="5000"></textarea></label></p>';
  return page(title, `${proposal}<p>You decide as ${escape(decider)}.</p><form method="post">${comment}<p>${buttons}</p></form>`);
}

/** Thanks. */
export function answerPage(decision: 'approve' | 'reject'): string {
  return page('Thank you', `<p>You have ${decision === 'approve' ? 'approved' : 'rejected'} it.</p>`);
}

/** Lets that form be sent, and no other: its fields become the body, those that are empty left out. */
export function acceptLinkForm(server: FastifyInstance): void {
  server.addContentTypeParser<string>('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
    if (request.routeOptions.url === '/approvals/link')
      done(null, Object.fromEntries([...new URLSearchParams(body)].filter(([, value]) => value !== '')));
    else done(new BatonError('unsupported_media_type', 'Forms are taken by the links of approvals alone.'));
  });
}

function page(title: string, body: string): string {
  const head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">';
  const shown = escape(title);
  return `<!doctype html><html lang="en"><head>${head}<title>${shown}</title></head><body><h1>${shown}</h1>${body}</body></html>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
