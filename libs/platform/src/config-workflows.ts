import { MIB, bytes, list, variable, wholeNumber } from './config-kinds.js';

/** What a definition may ask for, and how far a run may patch it. */
export const workflows = {
  workflowMaxBytes: variable('WORKFLOW_MAX_BYTES', bytes(1_024, 16 * MIB), String(4 * MIB), 'Largest definition, as JSON.'),
  workflowMaxYamlBytes: variable(
    'WORKFLOW_MAX_YAML_BYTES',
    bytes(1_024, 16 * MIB),
    String(MIB / 4),
    'Largest definition in YAML, which takes far longer to read.',
  ),
  workflowMaxNodes: variable('WORKFLOW_MAX_NODES', wholeNumber(1, 1_000_000), '20000', 'Nodes of one definition.'),
  workflowMaxEdges: variable('WORKFLOW_MAX_EDGES', wholeNumber(1, 10_000_000), '200000', 'Dependencies of one definition.'),
  workflowMaxDepth: variable('WORKFLOW_MAX_DEPTH', wholeNumber(1, 1_000_000), '10000', 'Nodes that come one after the other.'),
  patchMaxAgents: variable(
    'PATCH_MAX_AGENTS',
    wholeNumber(0, 10_000),
    '5',
    'Agents that a run may add to itself over all its patches, unless its definition says `limits.agents_added`.',
  ),
  patchMaxNodes: variable(
    'PATCH_MAX_NODES',
    wholeNumber(0, 1_000_000),
    '100',
    'Nodes that a run may add to itself over all its patches.',
  ),
  patchNodeTypes: variable(
    'PATCH_NODE_TYPES',
    list,
    '',
    'Node types that patches may add or change, comma-separated; empty: all.',
  ),
  patchMaxOperations: variable('PATCH_MAX_OPERATIONS', wholeNumber(1, 10_000), '100', 'Operations of one patch.'),
  patchMaxBytes: variable('PATCH_MAX_BYTES', bytes(256, 16 * MIB), '262144', 'Largest patch, as JSON.'),
  patchMaxRevisions: variable('PATCH_MAX_REVISIONS', wholeNumber(1, 100_000), '100', 'Patches of one run.'),
  capacityAgents: variable(
    'CAPACITY_AGENTS',
    wholeNumber(1, 1_000_000),
    '10000',
    'Agents that there are in all; a workflow that declares more is refused.',
  ),
  capacityCpu: variable('CAPACITY_CPU', wholeNumber(1, 10_000_000, 'cores'), '100000', 'Cores that there are for agents in all.'),
  capacityMemoryBytes: variable(
    'CAPACITY_MEMORY',
    bytes(1, 1e15 - 1),
    '200000000000000',
    'Memory that there is for agents in all.',
  ),
};
