/** A chunk to MySQL that ends with the statement itself: not the isolation level's name. */
export const COMMIT = /COMMIT$/;

/** Whether these packets, each of which says OK, hold the one after which no more follow: COMMIT's. */
export function isWholeReply(reply: Buffer): boolean {
  const MORE_RESULTS = 0x08;
  for (let at = 0; at + 4 <= reply.length; at += 4 + reply.readUIntLE(at, 3)) {
    // After the header: OK, the numbers of rows and the generated id, below 251 a byte each, and the status.
    if (at + 8 <= reply.length && (reply[at + 7]! & MORE_RESULTS) === 0) return true;
  }
  return false;
}
