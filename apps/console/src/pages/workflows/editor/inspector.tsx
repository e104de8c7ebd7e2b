import { Accordion, ActionIcon, Group, MultiSelect, Select, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { upstreamOf, type DefinitionNode } from '../document/definition.js';
import { isObject, type Json, type JsonObject } from '../document/json.js';
import { schemasAt, type DefinitionSchemas } from '../document/schema-lookup.js';
import { Prose, SchemaField, SchemaFields } from '../form/schema-field.js';
import { fieldsOf, shapeOf } from '../form/schema-shape.js';
import { useNodeDraft } from './use-node-draft.js';

export interface InspectorProps {
  node: DefinitionNode;
  nodes: readonly DefinitionNode[];
  schemas: DefinitionSchemas;
  onChange: (id: string, value: JsonObject) => void;
  onRename: (id: string, wish: string) => boolean;
  onRemove: (id: string) => void;
}

/** What has a place of its own in the form. */
const OWN = new Set(['id', 'type', 'depends_on', 'config', 'when']);

/** The fields of one node, made of the schemas: of its type, and of nodes at all. */
export function Inspector({ node, nodes, schemas, onChange, onRename, onRemove }: InspectorProps) {
  const [draft, write] = useNodeDraft(node, onChange);
  const known = schemas.nodeTypes.get(node.type);
  const [nodeSchema = {}] = schemasAt(schemas, {}, ['nodes', 0]);
  const shared = fieldsOf(nodeSchema);
  const when = shared.find(({ name }) => name === 'when');
  const more = shared.filter(({ name }) => !OWN.has(name));
  const set = (name: string, value: Json | undefined): void => {
    const { [name]: _, ...rest } = draft;
    write(value === undefined ? rest : { ...rest, [name]: value });
  };
  const config = isObject(draft['config']) ? draft['config'] : {};
  return (
    <Stack gap="md" p="md">
      <Group align="flex-end" wrap="nowrap" gap="xs">
        <IdField node={node} onRename={onRename} />
        <Tooltip label="Remove the node (Delete)">
          <ActionIcon size={36} variant="default" aria-label={`Remove ${node.id}`} onClick={() => onRemove(node.id)}>
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <Select
        label="Type"
        description={known === undefined ? undefined : <Prose text={known.description} />}
        data={typesWith(schemas, node.type)}
        value={node.type}
        searchable
        allowDeselect={false}
        onChange={(type) => type !== null && set('type', type)}
      />
      <MultiSelect
        label="Comes after"
        description="The nodes that must be done before it starts."
        placeholder={node.dependsOn.length === 0 ? 'Nothing: it starts at once' : ''}
        data={possibleBefore(nodes, node.id)}
        value={[...node.dependsOn]}
        searchable
        hidePickedOptions
        onChange={(ids) => set('depends_on', ids.length === 0 ? undefined : ids)}
      />
      {when !== undefined && (
        <SchemaField
          name="when"
          label="Runs when"
          schema={when.schema}
          value={draft['when']}
          onChange={(value) => set('when', value)}
        />
      )}
      <ConfigFields
        {...{ known, config }}
        onChange={(value) => set('config', Object.keys(value).length === 0 ? undefined : value)}
      />
      <Accordion variant="contained" radius="md">
        <Accordion.Item value="more">
          <Accordion.Control>Input, retries and limits</Accordion.Control>
          <Accordion.Panel>
            <SchemaFields fields={more} value={draft} onChange={write} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

function ConfigFields({
  known,
  config,
  onChange,
}: {
  known: { config: JsonObject } | undefined;
  config: JsonObject;
  onChange: (config: JsonObject) => void;
}) {
  const shape = known === undefined ? { kind: 'json' as const } : shapeOf(known.config);
  return (
    <Stack gap="sm" component="section" aria-label="Config">
      <Text fw={650} size="sm">
        Config
      </Text>
      {shape.kind === 'object' ? (
        <SchemaFields fields={shape.fields} value={config} onChange={onChange} />
      ) : (
        <SchemaField
          name="config"
          label={shape.kind === 'choice' ? 'Set one of these' : 'Whatever its type takes'}
          schema={known?.config ?? {}}
          value={config}
          isRequired
          onChange={(value) => onChange(isObject(value) ? value : {})}
        />
      )}
    </Stack>
  );
}

/** Written in one go: a half-typed id would be renamed everywhere, letter by letter. */
function IdField({ node, onRename }: { node: DefinitionNode; onRename: (id: string, wish: string) => boolean }) {
  const [id, setId] = useState(node.id);
  useEffect(() => setId(node.id), [node.id]);
  const commit = (): void => {
    if (id !== node.id && !onRename(node.id, id)) setId(node.id);
  };
  return (
    <TextInput
      label="Id"
      value={id}
      flex={1}
      spellCheck={false}
      onChange={(event) => setId(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}

/** Its type may be one that nobody knows. */
function typesWith({ nodeTypes }: DefinitionSchemas, type: string): string[] {
  return nodeTypes.has(type) || type === '' ? [...nodeTypes.keys()] : [type, ...nodeTypes.keys()];
}

/** All but those that come after it. */
function possibleBefore(nodes: readonly DefinitionNode[], id: string): string[] {
  return [...new Set(nodes.map((node) => node.id))].filter((other) => other !== id && !upstreamOf(nodes, other).has(id));
}
