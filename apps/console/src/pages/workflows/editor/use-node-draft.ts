import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import type { DefinitionNode } from '../document/definition.js';
import { isEqual, type JsonObject } from '../document/json.js';

const PAUSE_MS = 250;

/**
 * A node under edit in a form: what is typed shows at once and goes into the text a moment later, or when the form leaves the node. What changes in
 * the text otherwise (typed there, undone) comes back into the form.
 */
export function useNodeDraft(node: DefinitionNode, onChange: (id: string, value: JsonObject) => void) {
  const [draft, setDraft] = useState(node.value);
  const written = useRef(node.value);
  const save = useDebouncedCallback(
    (id: string, value: JsonObject) => {
      written.current = value;
      onChange(id, value);
    },
    { delay: PAUSE_MS, flushOnUnmount: true },
  );
  useEffect(() => {
    if (isEqual(node.value, written.current)) return;
    written.current = node.value;
    setDraft(node.value);
  }, [node.value]);
  const write = (value: JsonObject): void => {
    setDraft(value);
    save(node.id, value);
  };
  return [draft, write] as const;
}
