import { toWireEvent, type JournalEvent } from '@baton/core';
import { formatPosition } from './wire/event.js';

/** All who follow a run are given the same events: each is written once, however many clients it goes to. */
const written = new WeakMap<JournalEvent, string>();
const asJson = new WeakMap<JournalEvent, string>();

/** An event as a frame of a stream, as the journal has it. Its data has no line break: JSON escapes them. */
export function frameOf(event: JournalEvent): string {
  const known = written.get(event);
  if (known !== undefined) return known;
  const frame = `id: ${formatPosition(event)}\nevent: ${event.type}\ndata: ${jsonOf(event)}\n\n`;
  written.set(event, frame);
  return frame;
}

/** The wire form of an event as JSON, in one line. */
export function jsonOf(event: JournalEvent): string {
  const known = asJson.get(event);
  if (known !== undefined) return known;
  const json = JSON.stringify(toWireEvent(event));
  asJson.set(event, json);
  return json;
}
