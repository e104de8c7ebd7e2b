/** The patterns after which agents can work together. */
export const ORCHESTRATION_PATTERNS = ['supervisor', 'hierarchical', 'handoff', 'swarm', 'network', 'custom'] as const;

export function isOrchestrationPattern(name: string): name is (typeof ORCHESTRATION_PATTERNS)[number] {
  return ORCHESTRATION_PATTERNS.some((pattern) => pattern === name);
}
