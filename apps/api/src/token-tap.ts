import type { ServerResponse } from 'node:http';
import type { TokenFeed, TokenPiece } from '@baton/core';

/** Sends the answers of models to one client while they come, in the run that it is at. What it does not take at once is dropped. */
export class TokenTap {
  private runId: string | null = null;
  private stop: () => void = () => undefined;

  constructor(
    private readonly feed: Pick<TokenFeed, 'listen'>,
    private readonly response: Pick<ServerResponse, 'write' | 'writableNeedDrain'>,
    private readonly sent: () => void,
  ) {}

  /** Listens to this run from now on, and to no other. */
  follow(runId: string | null): void {
    if (runId === null || runId === this.runId) return;
    this.stop();
    this.runId = runId;
    this.stop = this.feed.listen(runId, (piece) => this.send(piece));
  }

  close(): void {
    this.stop();
  }

  private send(piece: TokenPiece): void {
    if (this.response.writableNeedDrain) return;
    this.response.write(tokenFrame(piece));
    this.sent();
  }
}

/** Without an id: it has no place in the journal, and a client that comes back does not ask for it. */
function tokenFrame({ runId, nodeId, visit, step, offset, text }: TokenPiece): string {
  return `event: token\ndata: ${JSON.stringify({ run_id: runId, node_id: nodeId, visit, step, offset, text })}\n\n`;
}
