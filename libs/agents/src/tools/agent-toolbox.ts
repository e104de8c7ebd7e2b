import { BatonError } from '@baton/core';
import type { CallableTool, ToolOffer } from './agent-tool.js';

/** Tools that stand elsewhere and are found by name, such as those of MCP servers. */
export interface ToolSource {
  /** Of all that it has, for whichever tenant. */
  readonly names: readonly string[];
  /** Null: it has none of that name, or not for this tenant. Asks nobody. */
  find(tenantId: string, name: string): CallableTool | null;
}

const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The tools that a worker has, by name. */
export class AgentToolbox {
  private readonly tools = new Map<string, CallableTool>();

  /** @throws BatonError as `register`. */
  constructor(
    tools: Iterable<CallableTool> = [],
    private readonly sources: readonly ToolSource[] = [],
  ) {
    for (const tool of tools) this.register(tool);
  }

  /** Of all that some tenant has. */
  get names(): string[] {
    return [...this.tools.keys(), ...this.sources.flatMap(({ names }) => names)].sort();
  }

  /** @throws BatonError `config_invalid` for a name that another has, or that no provider takes. */
  register(tool: CallableTool): void {
    const { name } = tool;
    const [known, added] = [this.tools.get(name)?.constructor.name, tool.constructor.name];
    if (!TOOL_NAME.test(name)) throw refused(`${added} has the name \`${name}\`, which no model can call`, name);
    if (known !== undefined) throw refused(`Two tools have the name \`${name}\`: ${known} and ${added}`, name);
    this.tools.set(name, tool);
  }

  find(tenantId: string, name: string): CallableTool | null {
    const own = this.tools.get(name);
    if (own !== undefined) return own;
    for (const source of this.sources) {
      const tool = source.find(tenantId, name);
      if (tool !== null) return tool;
    }
    return null;
  }

  /** The tools of these names as they are now, each once. @throws BatonError `tool_not_found`, and what asking for one throws. */
  async offers(tenantId: string, names: readonly string[], signal: AbortSignal): Promise<ToolOffer[]> {
    const tools = [...new Set(names)].map((name) => {
      const tool = this.find(tenantId, name);
      if (tool === null) throw new BatonError('tool_not_found', `There is no tool \`${name}\`.`, { tool: name });
      return tool;
    });
    return Promise.all(tools.map(async (tool) => tool.offer(tenantId, signal)));
  }
}

function refused(detail: string, tool: string): BatonError {
  return new BatonError('config_invalid', detail, { tool }, { remedy: 'Give each tool one name: letters, digits, `_`, `-`.' });
}
