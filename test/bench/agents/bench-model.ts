import { cpuMs, MeasuredProcess } from '../measured-process.js';
import { SYSTEMS, type BenchSystem } from '../systems/index.js';
import type { ModelCall, ModelRequest } from './model-process.js';

const SCRIPT = new URL('./model-process.js', import.meta.url).pathname;

/** The process of the model, as the benchmark sees it. */
export class BenchModel {
  private constructor(
    private readonly process: MeasuredProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<BenchModel> {
    const process = new MeasuredProcess('model', SCRIPT);
    const { url } = await process.message<{ url: string }>('ready');
    return new BenchModel(process, url);
  }

  /** Forgets the calls before. */
  async answerAfter(ms: number, spreadMs = 0): Promise<void> {
    await this.ask({ kind: 'answer_after', ms, spreadMs });
  }

  async inFlight(): Promise<number> {
    return (await this.ask<{ inFlight: number }>({ kind: 'in_flight' })).inFlight;
  }

  async calls(): Promise<{ calls: ModelCall[]; mostInFlight: number }> {
    return this.ask({ kind: 'calls' });
  }

  get cpuMs(): number {
    return cpuMs(this.process.pid);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  private ask<T>(request: ModelRequest): Promise<T> {
    return this.process.request(request, request.kind);
  }
}

/** Baton with workers whose agents ask this model, and what else `environment` says. */
export function batonWithModel(url: string, environment: Record<string, string>): BenchSystem {
  const baton = SYSTEMS.mariadb.find(({ name }) => name === 'baton')!;
  const worker: BenchSystem['worker'] = (address) => {
    const launch = baton.worker!(address);
    return { ...launch, environment: { ...launch.environment, OPENAI_BASE_URL: url, ...environment } };
  };
  return { ...baton, worker };
}
