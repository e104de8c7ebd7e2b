import type { StageAddress } from '../bench-client.js';
import { serveBare } from './bare-server.js';
import { openFloor } from './floor-submit.js';

/** `floor-server.js <address as JSON> <port>`: a row and a list entry for each request. */
const [address, port] = process.argv.slice(2) as [string, string];
const floor = await openFloor(JSON.parse(address) as StageAddress);
serveBare(port, (steps) => floor.submit(steps, 'chain'));
