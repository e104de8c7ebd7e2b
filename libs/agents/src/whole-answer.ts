import type { Dispatcher } from 'undici';
import type { CallTurns } from './call-turns.js';
import type { Abortable } from './try-limit.js';

/** Of an answer: by their names in small letters. */
export type AnswerHeaders = Dispatcher.ResponseData['headers'];

/** An answer that is there as a whole. */
export interface Answer {
  statusCode: number;
  headers: AnswerHeaders;
  text: string;
}

const decoder = new TextDecoder();

/** A request until its answer is there as a whole, and its turn has come. */
export class WholeAnswer implements Dispatcher.DispatchHandler, Abortable {
  private controller: Dispatcher.DispatchController | null = null;
  private isLeft = false;
  private hasCome = false;
  private statusCode = 0;
  private headers: AnswerHeaders = {};
  private readonly pieces: Buffer[] = [];

  constructor(
    private readonly turns: CallTurns,
    private readonly resolve: (answer: Answer) => void,
    private readonly reject: (reason: unknown) => void,
  ) {}

  /** Nobody waits for it any more. One that has come, and waits for its turn, is handed over all the same. */
  abort(reason: unknown): void {
    if (this.hasCome) return;
    this.isLeft = true;
    this.controller?.abort(reason as Error);
    // One that waits for a connection still is heard of no more.
    this.reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isLeft) controller.abort(new Error('nobody waits for the answer any more'));
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: AnswerHeaders): void {
    this.statusCode = statusCode;
    this.headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    this.pieces.push(piece);
  }

  onResponseEnd(): void {
    this.hasCome = true;
    const { statusCode, headers, pieces } = this;
    const bytes = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    const text = decoder.decode(bytes);
    this.turns.read(() => this.resolve({ statusCode, headers, text }));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.reject(error);
  }
}
