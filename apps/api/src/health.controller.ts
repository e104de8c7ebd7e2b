import { Controller, Get } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatonError, type JsonObject } from '@baton/core';
import { HealthProbe, type HealthReport } from '@baton/platform';
import { Requires } from './access/requires.decorator.js';
import { Tenant } from './request-context.js';
import { HealthReply, LiveReply } from './wire/health.js';

/** Whether the process lives, whether it should get work, and how each of its parts is. */
@ApiTags('operation')
@Controller()
export class HealthController {
  constructor(private readonly probe: HealthProbe) {}

  @Get('health')
  @Requires('public')
  @ApiResponse({ status: 200, standardSchema: LiveReply, description: 'The process lives.' })
  health() {
    return { status: 'ok', uptime_s: Math.round(process.uptime()) };
  }

  @Get('ready')
  @Requires('public')
  @ApiResponse({
    status: 200,
    standardSchema: HealthReply,
    description: 'Runs are accepted; `degraded` names what does not work.',
  })
  @ApiResponse({ status: 503, description: 'The database does not answer.' })
  async ready(): Promise<HealthReport> {
    const report = await this.probe.readiness();
    if (report.status !== 'unavailable') return report;
    throw new BatonError('storage_unavailable', 'The database does not answer.', contextOf(report));
  }

  @Get('health/deep')
  @Requires('viewer')
  @ApiResponse({ status: 200, standardSchema: HealthReply, description: 'Every part works.' })
  @ApiResponse({ status: 503, description: 'A part does not work: `parts` says which, and why.' })
  async deep(@Tenant() tenantId: string): Promise<HealthReport> {
    const report = await this.probe.deep(tenantId);
    if (report.status === 'ok') return report;
    const failed = Object.entries(report.parts).flatMap(([name, part]) => (part.ok ? [] : [name]));
    throw new BatonError('unhealthy', `Not working: ${failed.join(', ')}.`, contextOf(report));
  }
}

function contextOf({ parts, warnings }: HealthReport): JsonObject {
  const facts = Object.entries(parts).map(([name, part]): [string, JsonObject] => [name, { ...part }]);
  return { parts: Object.fromEntries(facts), warnings };
}
