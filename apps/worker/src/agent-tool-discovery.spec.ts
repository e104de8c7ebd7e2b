import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { Injectable, Module, Scope, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { AgentToolbox, ExecutePipelineTool, PatchWorkflowTool, StepTool, type ToolContext } from '@baton/agents';
import { silentLog, type JsonValue } from '@baton/core';
import { z } from 'zod';
import { AgentToolDiscovery } from './agent-tool-discovery.js';

@Injectable()
class Orders {
  find(number: string): JsonValue {
    return { number, sent: true };
  }
}

const Arguments = z.object({ number: z.string() });

@Injectable()
class FindOrderTool extends StepTool<z.infer<typeof Arguments>> {
  readonly name: string = 'find_order';
  readonly description = 'Finds an order.';
  readonly parameters = Arguments;

  constructor(private readonly orders: Orders) {
    super();
  }

  protected run(_: ToolContext, { number }: z.infer<typeof Arguments>): JsonValue {
    return this.orders.find(number);
  }
}

class OtherPatchTool extends FindOrderTool {
  override readonly name = 'patch_workflow';
}

@Injectable({ scope: Scope.TRANSIENT })
class FleetingTool extends PatchWorkflowTool {}

/** The tools of a process with these providers, each in a module of its own. */
async function discover(...providers: Provider[]): Promise<AgentToolbox> {
  const imports = providers.map((provider) => {
    @Module({ providers: [Orders, provider] })
    class Part {}
    return Part;
  });
  const toolbox = { provide: AgentToolbox, useFactory: () => new AgentToolbox() };
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule, ...imports],
    providers: [AgentToolDiscovery, toolbox],
  }).compile();
  await module.init();
  return module.get(AgentToolbox);
}

test('the tools of a process are those of all its providers, with what they depend on', async () => {
  const tools = await discover(FindOrderTool, ExecutePipelineTool);
  expect(tools.names).toEqual(['execute_pipeline', 'find_order']);
  const step = (_: string, work: (signal: AbortSignal) => unknown): unknown => work(new AbortController().signal);
  const context = { idempotencyKey: 'run/node/1', log: silentLog, step } as unknown as ToolContext;
  const found = tools.find('default', 'find_order')!.invoke(context, '{"number": "A-17"}', 'model/tool-1');
  expect(await found).toEqual({ number: 'A-17', sent: true });
});

test('two tools of one name, or one that is made anew for each use, keep the process from starting', async () => {
  await expect(discover(PatchWorkflowTool, OtherPatchTool)).rejects.toMatchObject({
    code: 'config_invalid',
    message: 'Two tools have the name `patch_workflow`: PatchWorkflowTool and OtherPatchTool',
  });
  await expect(discover(FleetingTool)).rejects.toMatchObject({ message: 'FleetingTool is not a singleton' });
});
