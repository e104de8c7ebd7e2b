import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client.js';

export const DEMO_KEY = ['demo'];

/** How often it is asked for while something of it is about to be there. */
const LOOK_MS = 1_000;

/** The local demo of a first start; undefined where there is none, or as long as that is not known. */
export function useDemo() {
  const { data } = useQuery({
    queryKey: DEMO_KEY,
    queryFn: () => api.GET('/api/v1/demo').then(unwrap),
    refetchInterval: ({ state: { data: demo } }) => (demo?.enabled === true && !isWhole(demo) ? LOOK_MS : false),
  });
  return data?.enabled === true ? data : undefined;
}

function isWhole(demo: { run_id: string | null; worker_alive: boolean }): boolean {
  return demo.run_id !== null && demo.worker_alive;
}
