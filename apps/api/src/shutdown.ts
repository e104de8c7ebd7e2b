import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** Says that the process is going down, before anything else does: who only waits stops waiting. */
@Injectable()
export class Shutdown implements OnModuleDestroy {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;

  onModuleDestroy(): void {
    this.controller.abort();
  }
}
