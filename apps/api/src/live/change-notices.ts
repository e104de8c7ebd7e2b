import type { ChangeTopic } from '@baton/engine';
import type { LiveClient } from './live-client.js';

/** More than this is told as "any of them". */
const NAMED = 200;

/** Tells one client of changes; what comes while it is full is told as one. */
export class ChangeNotices {
  /** Null: any of them. */
  private held: Set<string> | null = new Set();
  private isWaiting = false;

  constructor(
    private readonly client: LiveClient,
    private readonly subscription: { id: string; topic: ChangeTopic },
  ) {}

  add(ids: readonly string[] | null): void {
    if (ids === null) this.held = null;
    else for (const id of ids) this.held?.add(id);
    if (this.held !== null && this.held.size > NAMED) this.held = null;
    if (this.isWaiting) return;
    if (!this.client.isFull) return this.tell();
    this.isWaiting = true;
    void this.client.room().then(() => {
      this.isWaiting = false;
      this.tell();
    });
  }

  private tell(): void {
    const ids = this.held === null ? null : [...this.held];
    this.held = new Set();
    this.client.sendJson({ type: 'changed', ...this.subscription, ids });
  }
}
