import type { BenchClient, RunShape, StageAddress } from '../bench-client.js';
import { HttpLane, postRequest, type HttpReply } from '../http-lane.js';
import { definitionOf } from './workflow-of.js';

/** Starts runs over REST; the lanes are spread over the API processes. */
export async function connect({ apiUrls }: StageAddress): Promise<BenchClient> {
  const free: { url: string; lane: HttpLane }[] = [];
  const opened: HttpLane[] = [];
  const published = new Map<string, Promise<string>>();

  const send = async (path: string, body: object, headers: Record<string, string> = {}): Promise<HttpReply> => {
    const taken = free.pop() ?? (await open());
    const reply = await taken.lane.send(postRequest(taken.url, path, body, headers));
    free.push(taken);
    return reply;
  };
  const open = async (): Promise<{ url: string; lane: HttpLane }> => {
    const url = apiUrls[opened.length % apiUrls.length]!;
    const lane = await HttpLane.open(url);
    opened.push(lane);
    return { url, lane };
  };
  const publish = async (name: string, steps: number, shape: RunShape): Promise<string> => {
    const { status, body } = await send('/api/v1/workflows', definitionOf(name, steps, shape));
    if (status !== 201 && status !== 200) throw new Error(`publish: ${status} ${body}`);
    return name;
  };
  const workflowOf = (steps: number, shape: RunShape): Promise<string> => {
    const name = `${shape}-${steps}`;
    const workflow = published.get(name) ?? publish(name, steps, shape);
    published.set(name, workflow);
    return workflow;
  };
  const start = async (steps: number, shape: RunShape, headers: Record<string, string>, expected: number): Promise<void> => {
    const workflow = await workflowOf(steps, shape);
    const { status, body } = await send('/api/v1/runs', { workflow, input: {} }, headers);
    if (status !== expected) throw new Error(`start: ${status} ${body}`);
  };

  return {
    execute: (steps, shape = 'chain') => start(steps, shape, { prefer: 'wait=60' }, 200),
    submit: (steps, shape = 'chain') => start(steps, shape, {}, 202),
    async close() {
      for (const lane of opened) lane.close();
    },
  };
}
