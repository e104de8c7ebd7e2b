import { createHash } from 'node:crypto';
import {
  canonicalJson,
  runChild,
  type Clock,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type NodeHandler,
} from '@baton/core';
import {
  AggregateNode,
  ApprovalNode,
  ConditionNode,
  EchoNode,
  LoopNode,
  MapNode,
  SwitchNode,
  TransformNode,
  WaitNode,
  ContinueAsNewNode,
  WorkflowNode,
} from '@baton/nodes';
import type { Work } from '../support/in-memory/index.js';
import type { SinkLine } from './effect-sink.js';

/** Hears what handlers do, as they do it. */
export interface HandlerWitness {
  /** A handler was called; false: its process is dead, and it must not go on. */
  began(context: NodeContext): void;
  stepBegan(context: NodeContext, key: string): void;
}

/** How a `work` node goes. Its output depends on the graph and its input alone, never on who executes it or how often. */
interface WorkConfig extends JsonObject {
  /** How long it takes. */
  ms: number;
  steps: number;
  /** It waits for so long, at no cost, after its steps. */
  nap_ms: number;
  /** So many first attempts fail. */
  fails: number;
  /** So many first attempts never end. */
  hangs: number;
  /** Every attempt fails. */
  broken: boolean;
  /** It has an effect outside. */
  effect: boolean;
  /** It adds a node to its run. */
  adds: boolean;
  /** The workflow of a child run that it waits for. */
  child: string;
}

/** The handlers of a worker: those of the product that need no service outside, and `work`. */
export function simHandlers(parts: {
  clock: Clock;
  random: () => number;
  line: SinkLine;
  witness: HandlerWitness;
  special: boolean;
  /** What the handler is told as its key, where that is not the key that it has. */
  keyOf: ((context: NodeContext) => string) | undefined;
}): Record<string, Work> {
  const { clock, random, line, witness, special, keyOf } = parts;
  const handlers = new Map<string, NodeHandler>();
  const find = (type: string): NodeHandler | undefined => handlers.get(type);
  const work: NodeHandler = { type: 'work', execute: (context) => executeWork(context, { clock, line, witness }) };
  const all: NodeHandler[] = [
    ...[work, new AggregateNode(), new ApprovalNode(clock), new ConditionNode(), new EchoNode(), new SwitchNode()],
    ...[new TransformNode(), new WaitNode(clock), new LoopNode(find), new MapNode({ find, clock, random }, { maxItems: 100 })],
    ...[new WorkflowNode(), new ContinueAsNewNode(), { type: 'call', execute: work.execute }],
    ...(special ? [{ type: 'special', execute: work.execute }] : []),
  ];
  for (const handler of all) handlers.set(handler.type, handler);
  const witnessed = (handler: NodeHandler): Work => {
    return (context) => {
      witness.began(context);
      return handler.execute(keyOf === undefined ? context : { ...context, idempotencyKey: keyOf(context) });
    };
  };
  return Object.fromEntries(all.map((handler) => [handler.type, witnessed(handler)]));
}

async function executeWork(
  context: NodeContext,
  { clock, line, witness }: { clock: Clock; line: SinkLine; witness: HandlerWitness },
): Promise<JsonValue> {
  const config = context.config as Partial<WorkConfig>;
  const { ms = 0, steps = 0, nap_ms: napMs, fails = 0, hangs = 0, broken = false, effect = false, adds = false, child } = config;
  let sum = 0;
  for (let step = 1; step <= steps; step += 1) {
    sum += await context.step(`step-${step}`, async () => {
      witness.stepBegan(context, `step-${step}`);
      await clock.sleep(ms / steps, context.signal);
      return step;
    });
  }
  if (napMs !== undefined) {
    const until = await context.step('until', () => clock.now() + napMs);
    await context.waitFor('nap', { awaits: { kind: 'time' }, until, reason: 'a nap' });
  }
  if (ms > 0) await clock.sleep(ms, context.signal);
  context.signal.throwIfAborted();
  if (broken || context.attempt <= fails) throw brokenConnection();
  if (context.attempt <= hangs) await clock.sleep(86_400_000, context.signal);
  context.signal.throwIfAborted();
  if (child !== undefined) await runChild(context, 'child', { workflow: child, input: { list: [1, 2], left: 0 } });
  if (adds) await context.patch('adds', addition(context), 'there is more to do');
  if (effect) await line.send(effectOf(context));
  return { n: digit(context), sum };
}

/** What speaks against a target, where the node calls one. */
function brokenConnection(): Error {
  return Object.assign(new Error('as planned'), { code: 'ECONNRESET' });
}

/** Refused where the node is there already, as in a fork. */
function addition({ nodeId }: NodeContext): JsonValue {
  const node = { id: `${nodeId}-more`, type: 'work', depends_on: [nodeId], config: { ms: 20 } };
  return [{ op: 'add', path: '/nodes/-', value: node }];
}

function effectOf({ runId, nodeId, visit, idempotencyKey: key }: NodeContext) {
  return { runId, nodeId, visit, undo: key.includes('/undo'), key };
}

/** A digit that says all that the node was given. */
function digit({ nodeId, visit, input, outputs }: NodeContext): number {
  const text = canonicalJson({ nodeId, visit, input, outputs });
  return createHash('sha256').update(text).digest()[0]! % 10;
}
