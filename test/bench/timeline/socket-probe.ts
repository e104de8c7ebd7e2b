import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { RUN_CHANNEL, TIMELINE_REQUEST, type SocketMark } from './mark.js';

// Preloaded into the processes whose runs are to be timed: notes what passes through their sockets, and when, and tells it over IPC.

/** A run of ten steps has about a hundred. */
const MOST_MARKS = 200_000;
/** A submission names its table at once, an append its events after the row. */
const TEXT_BYTES = 1_200;

let marks: SocketMark[] = [];

function note(what: SocketMark['what'], connection = '', bytes?: Buffer): void {
  if (marks.length < MOST_MARKS)
    marks.push({
      at: Number(process.hrtime.bigint() / 1_000n),
      ...{ what, connection, text: bytes?.toString('latin1', 0, TEXT_BYTES) ?? '' },
    });
}

interface Chunk {
  chunk: Buffer | string;
  encoding: BufferEncoding;
}

/** The methods by which streams write to a socket, and get what it reads. */
interface SocketMethods {
  _write(this: Socket, chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void;
  _writev(this: Socket, chunks: Chunk[], done: () => void): void;
  push(this: Socket, chunk: Buffer | null, encoding?: BufferEncoding): boolean;
}

const methods = Socket.prototype as unknown as SocketMethods;
const { _write: write, _writev: writeAll, push } = methods;

function bytesOf({ chunk, encoding }: Chunk): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

function nameOf({ localPort, remotePort }: Socket): string {
  return `${localPort}-${remotePort}`;
}

const noting: SocketMethods = {
  _write(chunk, encoding, done) {
    note('sent', nameOf(this), bytesOf({ chunk, encoding }));
    write.call(this, chunk, encoding, done);
  },
  _writev(chunks, done) {
    note('sent', nameOf(this), Buffer.concat(chunks.map(bytesOf)));
    writeAll.call(this, chunks, done);
  },
  push(chunk, encoding) {
    if (chunk !== null) note('heard', nameOf(this), chunk);
    return push.call(this, chunk, encoding);
  },
};
Object.assign(methods, noting);

subscribe(RUN_CHANNEL, (what) => note(what as 'begun' | 'done'));

process.on('message', (message) => {
  if (message !== TIMELINE_REQUEST) return;
  process.send?.({ kind: TIMELINE_REQUEST, marks });
  marks = [];
});
