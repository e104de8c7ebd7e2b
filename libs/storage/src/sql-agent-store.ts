import type { SelectQueryBuilder } from 'typeorm';
import { AgentStore, type Agent, type AgentOutcome, type AgentSpec } from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';
import { AgentTable, type AgentRow } from './schema.js';

/** {@link AgentStore} on MySQL, MariaDB and SQLite. */
export class SqlAgentStore extends AgentStore {
  constructor(private readonly database: Database) {
    super();
  }

  /** An agent that is there already under the same id counts as kept: the reply to an earlier try was lost. */
  async create(agent: Agent): Promise<Exclude<AgentOutcome, { kind: 'missing' }>> {
    try {
      await this.database.insert(AgentTable, [rowOf(agent)]);
      return { kind: 'kept', agent };
    } catch (error) {
      const taken = await this.ownerOf(error, agent.tenantId, agent.name);
      return taken.id === agent.id ? { kind: 'kept', agent: taken } : { kind: 'name_taken', agentId: taken.id };
    }
  }

  async replace(tenantId: string, id: string, spec: AgentSpec, at: number): Promise<AgentOutcome> {
    const { name, role, instructions, model, tools, limits } = spec;
    try {
      await this.database.write({
        sql: `UPDATE agents SET name = ?, role = ?, instructions = ?, model = ?, tools = ?, limits = ?, updated_at = ?
              WHERE tenant_id = ? AND id = ?`,
        values: [name, role, instructions, model, JSON.stringify(tools), JSON.stringify(limits), at, tenantId, id],
      });
    } catch (error) {
      return { kind: 'name_taken', agentId: (await this.ownerOf(error, tenantId, name)).id };
    }
    const agent = await this.find(tenantId, id);
    return agent === null ? { kind: 'missing' } : { kind: 'kept', agent };
  }

  async find(tenantId: string, id: string): Promise<Agent | null> {
    return this.findWhere({ tenantId, id });
  }

  async findByName(tenantId: string, name: string): Promise<Agent | null> {
    return this.findWhere({ tenantId, name });
  }

  async list(tenantId: string, { afterName, limit }: { afterName?: string; limit: number }): Promise<Agent[]> {
    const query = this.query().where('agent.tenantId = :tenantId', { tenantId });
    if (afterName !== undefined) query.andWhere('agent.name > :afterName', { afterName });
    return (await this.database.select(query.orderBy('agent.name').limit(limit))).map(agentOf);
  }

  private async findWhere(where: Partial<AgentRow>): Promise<Agent | null> {
    const [row] = await this.database.select(this.query().where(where).limit(1));
    return row === undefined ? null : agentOf(row);
  }

  /** Who has the name that a write wanted; rethrows what is not about names. */
  private async ownerOf(error: unknown, tenantId: string, name: string): Promise<Agent> {
    const owner = failureKind(error) === 'duplicate' ? await this.findByName(tenantId, name) : null;
    if (owner === null) throw error;
    return owner;
  }

  private query(): SelectQueryBuilder<AgentRow> {
    return this.database.dataSource.getRepository(AgentTable).createQueryBuilder('agent');
  }
}

function rowOf(agent: Agent): AgentRow {
  return { ...agent, tools: JSON.stringify(agent.tools), limits: JSON.stringify(agent.limits) };
}

function agentOf(row: AgentRow): Agent {
  return { ...row, tools: JSON.parse(row.tools) as Agent['tools'], limits: JSON.parse(row.limits) as Agent['limits'] };
}
