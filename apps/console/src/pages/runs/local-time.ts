import { formatInstant } from '../../components/time.js';

/** The sentence tells instants as the API does; people read those of their own clock. */
export function inLocalTime(sentence: string): string {
  return sentence.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (instant) => formatInstant(Date.parse(instant)));
}
