import type { RunLimit } from '@baton/core';
import type { Database } from './database.js';

/** Limits as this process has stated them last; more than these are forgotten, and stated again. */
const SCOPES_KNOWN = 10_000;

/** States limits in SQL before runs are submitted under them: a row a scope, which the group commit locks. */
export class RunScopes {
  private readonly stated = new Map<string, string>();

  constructor(private readonly database: Database) {}

  /** Costs nothing where this process has stated them before. */
  async state(limits: readonly RunLimit[]): Promise<void> {
    const news = limits.filter((limit) => this.stated.get(limit.scope) !== textOf(limit));
    for (const limit of news) {
      const [conflict, taken] =
        this.database.dialect === 'sqlite'
          ? ['ON CONFLICT (id) DO UPDATE SET', (name: string) => `excluded.${name}`]
          : ['ON DUPLICATE KEY UPDATE', (name: string) => `VALUES(${name})`];
      const changing = ['name', 'capacity', 'on_limit'].map((name) => `${name} = ${taken(name)}`).join(', ');
      await this.database.write({
        sql: `INSERT INTO run_scopes (id, tenant_id, kind, name, capacity, on_limit) VALUES (?, ?, ?, ?, ?, ?) ${conflict} ${changing}`,
        values: [limit.scope, limit.tenantId, limit.kind, limit.name, limit.capacity, limit.onLimit],
      });
      if (this.stated.size >= SCOPES_KNOWN) this.stated.clear();
      this.stated.set(limit.scope, textOf(limit));
    }
  }
}

function textOf({ name, capacity, onLimit }: RunLimit): string {
  return `${capacity} ${onLimit} ${name}`;
}
