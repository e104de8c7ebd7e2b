import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { toProblemError } from '../../../api/problem.js';
import { useMay } from '../../../api/use-may.js';
import { isObject } from '../document/json.js';
import { readYaml } from '../document/yaml-text.js';
import { publishDefinition, type Published } from '../workflow-queries.js';

/** Saving a text as the next version, asking where somebody else was faster, and where somebody leaves without it. */
export function useSave({ text, first, base }: { text: string; first: string; base: { name: string; version: number } | null }) {
  const navigate = useNavigate();
  const isAllowed = useMay(base === null ? 'POST /api/v1/workflows' : 'PUT /api/v1/workflows/{id}');
  const queries = useQueryClient();
  const [conflict, setConflict] = useState<number | null>(null);
  const [version, setVersion] = useState(base?.version ?? 0);
  const saved = useRef(first);
  const isDirty = text !== saved.current;
  const latest = useRef(isDirty);
  latest.current = isDirty;
  useBlocker({
    shouldBlockFn: () => latest.current && !window.confirm('Leave without saving?'),
    enableBeforeUnload: () => latest.current,
  });
  const name = base?.name ?? nameOf(text);

  const { mutate, isPending } = useMutation({
    mutationFn: (from: number) => publishDefinition(text, from === 0 ? null : { id: name, version: from }),
    onSuccess: async (published: Published) => {
      saved.current = text;
      latest.current = false;
      notifications.show({ color: 'teal', title: 'Saved', message: `${published.name} is at version ${published.version}.` });
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['workflows'] }),
        queries.invalidateQueries({ queryKey: ['workflow', published.name] }),
      ]);
      await navigate({ to: '/workflows/$workflowId', params: { workflowId: published.name } });
    },
    onError: (error) => {
      const problem = toProblemError(error);
      if (problem.code === 'stale_revision' && typeof problem['version'] === 'number') {
        setConflict(problem['version']);
        return;
      }
      const [one] = problem.problems ?? [];
      notifications.show({ color: 'red', title: problem.title, message: one?.message ?? problem.detail });
    },
  });
  return {
    ...{ conflict, name, isAllowed, isBusy: isPending },
    isBlocked: !isAllowed || isPending || (base !== null && !isDirty && conflict === null),
    run: () => mutate(version),
    dismiss: () => setConflict(null),
    /** Saves over the version that is there by now. */
    over: () => {
      const newest = conflict ?? version;
      setConflict(null);
      setVersion(newest);
      mutate(newest);
    },
    /** The text is made from the newest version from now on. */
    rebase: () => {
      if (conflict !== null) setVersion(conflict);
      setConflict(null);
    },
  };
}

function nameOf(text: string): string {
  const { json } = readYaml(text);
  const root = isObject(json) && isObject(json['workflow']) ? json['workflow'] : json;
  return isObject(root) && typeof root['name'] === 'string' ? root['name'] : 'the workflow';
}
