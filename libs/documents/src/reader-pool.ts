import type { ExtractedText } from '@baton/core';
import { Reader, type ReaderOptions } from './reader.js';
import type { ReadRequest } from './read-limits.js';

/** After so many files a reader is replaced: what its parsers leak goes with it. */
const FILES_PER_READER = 200;
/** A reader that had no work for so long is ended. */
const IDLE_MS = 30_000;

interface Member {
  reader: Reader;
  files: number;
  idleTimer?: NodeJS.Timeout;
}

/** Reader processes, started when they are needed and as many as are allowed; files wait their turn. */
export class ReaderPool {
  private readonly idle: Member[] = [];
  private readonly waiting: (() => void)[] = [];
  private busy = 0;

  constructor(
    private readonly size: number,
    private readonly options: ReaderOptions,
  ) {}

  /** See {@link Reader.read}. */
  async read(request: ReadRequest, signal?: AbortSignal): Promise<ExtractedText> {
    if (this.busy >= this.size) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.busy += 1;
    try {
      signal?.throwIfAborted();
      const member = await this.take();
      try {
        return await member.reader.read(request, signal);
      } finally {
        this.giveBack(member);
      }
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.busy -= 1;
      else next();
    }
  }

  /** Ends the readers that have no work. */
  async close(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((member) => retire(member)));
  }

  private async take(): Promise<Member> {
    for (let member = this.idle.pop(); member !== undefined; member = this.idle.pop()) {
      clearTimeout(member.idleTimer);
      if (member.reader.isAlive) return member;
    }
    const reader = new Reader(this.options);
    await reader.start();
    return { reader, files: 0 };
  }

  private giveBack(member: Member): void {
    member.files += 1;
    if (!member.reader.isAlive) return;
    if (member.files >= FILES_PER_READER) {
      void retire(member);
      return;
    }
    this.idle.push(member);
    member.idleTimer = setTimeout(() => {
      const index = this.idle.indexOf(member);
      if (index >= 0) this.idle.splice(index, 1);
      void retire(member);
    }, IDLE_MS).unref();
  }
}

async function retire(member: Member): Promise<void> {
  clearTimeout(member.idleTimer);
  await member.reader.end();
}
