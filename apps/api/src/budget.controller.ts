import { Body, Controller, Delete, Get, Inject, Put } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { BudgetLedger, Clock, TenantBudgetStore, type TenantBudget } from '@baton/core';
import { CONFIG, type Config } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { budgetAccounts, TenantBudgetBody, TenantBudgetReply, toTenantBudgetReply } from './wire/budget.js';

/** What the runs of a tenant may use up together, and have. */
@ApiTags('operation')
@Controller('api/v1/budget')
export class BudgetController {
  constructor(
    private readonly store: TenantBudgetStore,
    private readonly ledger: BudgetLedger,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: TenantBudgetReply, description: 'The budget of the tenant, as it stands.' })
  async find(@Tenant() tenantId: string): Promise<TenantBudgetReply> {
    return this.reply(tenantId, await this.store.find(tenantId));
  }

  @Put()
  @Requires('admin')
  @ApiResponse({ status: 200, standardSchema: TenantBudgetReply, description: 'Set: calls heed it within five seconds.' })
  async set(
    @Body({ schema: TenantBudgetBody }) budget: TenantBudgetBody,
    @Tenant() tenantId: string,
  ): Promise<TenantBudgetReply> {
    await this.store.save(tenantId, budget, this.clock.now());
    return this.reply(tenantId, budget);
  }

  @Delete()
  @Requires('admin')
  @ApiResponse({
    status: 200,
    standardSchema: TenantBudgetReply,
    description: 'Removed: what is configured for all tenants holds.',
  })
  async remove(@Tenant() tenantId: string): Promise<TenantBudgetReply> {
    await this.store.save(tenantId, null, this.clock.now());
    return this.reply(tenantId, null);
  }

  private async reply(tenantId: string, own: TenantBudget | null): Promise<TenantBudgetReply> {
    const budget = own ?? this.config.tenantBudget ?? {};
    const now = this.clock.now();
    const accounts = await this.ledger.find(tenantId, budgetAccounts(budget, now));
    return toTenantBudgetReply({ budget, source: own === null ? 'config' : 'tenant' }, accounts, now);
  }
}
