/** A WebSocket whose peer reads when the test says so. */
export class FakeSocket {
  readonly sent: string[] = [];
  closedWith: number | null = null;
  pings = 0;
  /** The most that was ever unread. */
  peak = 0;
  private readonly unread: { bytes: number; taken: () => void }[] = [];

  get bufferedAmount(): number {
    return this.unread.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  send(text: string, taken: () => void): void {
    this.sent.push(text);
    this.unread.push({ bytes: Buffer.byteLength(text), taken });
    this.peak = Math.max(this.peak, this.bufferedAmount);
  }

  ping(): void {
    this.pings += 1;
  }

  close(code: number): void {
    this.closedWith = code;
  }

  /** Takes one message. */
  read(): void {
    this.unread.shift()?.taken();
  }

  readAll(): void {
    while (this.unread.length > 0) this.read();
  }
}
