import type { LiveClient } from './live-client.js';
import type { Session } from './live-session.js';

/** How many messages may wait before the socket is not read any more. */
const MAX_WAITING = 16;

/** Hands messages of one client to its session, one after the other, and none while the client does not read the answers. */
export class MessageIntake {
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: LiveClient,
    private readonly session: Session,
    private readonly parts: {
      socket: { pause(): void; resume(): void };
      failed: (client: LiveClient, error: unknown) => void;
    },
  ) {}

  take(text: string): void {
    this.waiting += 1;
    if (this.waiting === MAX_WAITING) this.parts.socket.pause();
    this.last = this.last.then(() => this.handle(text));
  }

  private async handle(text: string): Promise<void> {
    try {
      await this.client.room();
      if (!this.client.signal.aborted) await this.session.receive(text);
    } catch (error) {
      this.parts.failed(this.client, error);
    }
    this.waiting -= 1;
    if (this.waiting === 0) this.parts.socket.resume();
  }
}
