import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@baton/core';

/** Nest's own messages as JSON lines; its chatter at start is debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(rest), String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(fieldsOf(rest), String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const fields = fieldsOf(rest);
    this.logger.error(message instanceof Error ? { ...fields, err: message } : fields, String(message));
  }
}

/** Nest gives the context last, and a stack before it. */
function fieldsOf(rest: readonly unknown[]): object {
  const [stack] = rest.length > 1 ? rest : [];
  return { context: rest.at(-1), ...(stack !== undefined && { stack }) };
}
