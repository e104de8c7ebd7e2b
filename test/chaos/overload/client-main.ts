// A client in a process of its own: drives starts as it is told over IPC.
import { StartLoop } from './start-loop.js';
import type { ClientOrder } from './client.js';

const loop = new StartLoop(process.argv[2]!);
let isHeld = false;

process.on('message', (order: ClientOrder) => {
  if (order.kind === 'hold') isHeld = order.isHeld;
  else void carryOut(order).then((result) => process.send!(result));
});

async function carryOut(order: Exclude<ClientOrder, { kind: 'hold' }>): Promise<object> {
  if (order.kind === 'drive') return loop.drive(order);
  await loop.driveClosed(order, () => !isHeld);
  return {};
}
