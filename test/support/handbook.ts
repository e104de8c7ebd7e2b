import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../fixtures/handbook');

/** A small corpus on Baton's own subject, fixed so that what is measured on it does not move with the docs. */
export function handbook(): { source: string; text: string; media_type: 'text/plain' | 'text/markdown' }[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map((file) => ({
      source: file,
      text: readFileSync(join(FOLDER, file), 'utf8'),
      media_type: file.endsWith('.md') ? 'text/markdown' : 'text/plain',
    }));
}

/** Words that only the right passage has, and words that a right answer must contain; both with single blanks between words. */
export interface HandbookQuestion {
  question: string;
  passage: string;
  answer: string;
}

export const HANDBOOK_QUESTIONS: readonly HandbookQuestion[] = [
  { question: 'What happens when I start a task that is already running?', passage: 'Duplicate submissions', answer: '409' },
  {
    question: 'Which header makes the server wait for the result of a run?',
    passage: 'Waiting for the result',
    answer: 'Prefer: wait',
  },
  { question: 'How is a run cancelled?', passage: 'Cancelling', answer: 'inbox' },
  { question: 'Can I safely repeat a request?', passage: 'Idempotency keys', answer: 'Idempotency-Key' },
  { question: 'What states can a task have?', passage: 'Tasks', answer: 'pending, running, done' },
  { question: 'How are the events of a run numbered?', passage: 'Events', answer: 'without gaps' },
  { question: 'What stops a stale worker from writing to the journal?', passage: 'The epoch as a fence', answer: 'epoch' },
  { question: 'Why do a thousand runs share one fsync?', passage: 'Group commit', answer: 'multi-row' },
  { question: 'May I delete checkpoints?', passage: 'Checkpoints', answer: 'deleted at any time' },
  { question: 'Are finished steps executed again after a crash?', passage: 'Steps', answer: 'not executed a second time' },
  { question: 'Where are large outputs stored?', passage: 'Large payloads', answer: 'SHA-256' },
  { question: 'What is Redis used for?', passage: 'What Redis is for', answer: 'locks' },
  { question: 'How does Baton notice that Redis lost its data?', passage: 'When Redis is wiped', answer: 'marker key' },
  { question: 'When does a task lock expire?', passage: 'Task locks', answer: 'TASK_LOCK_TTL' },
  { question: 'What if a doorbell message is lost?', passage: 'Doorbell', answer: 'polls' },
  { question: 'Which maxmemory-policy does Redis need?', passage: 'Eviction policy', answer: 'noeviction' },
  { question: 'What port does npm start listen on?', passage: 'Starting', answer: '8001' },
  { question: 'How do I use MySQL instead of SQLite?', passage: 'Choosing a database', answer: 'DATABASE_URL' },
  { question: 'What does /ready answer when the database is down?', passage: 'Health', answer: '503' },
  { question: 'Which metrics does Prometheus collect?', passage: 'Metrics', answer: 'counters' },
  { question: 'What is in the logs?', passage: 'Logs', answer: 'JSON' },
  { question: 'What does a worker do on SIGTERM?', passage: 'Graceful shutdown', answer: 'stops claiming' },
  { question: 'How often does a worker renew its lease?', passage: 'Leases', answer: 'every second' },
  { question: 'Who finds runs whose worker is dead?', passage: 'Workers > The waker', answer: 'waker' },
  { question: 'How many times is a failed node retried?', passage: 'Retries', answer: 'three times' },
  { question: 'What is a poison run?', passage: 'Poison runs', answer: 'without progress' },
  { question: 'What happens to nodes of an unknown type?', passage: 'Unknown node types', answer: 'skipped' },
  { question: 'What may an operator do?', passage: 'granted by roles', answer: 'pause' },
  { question: 'How are tokens stored?', passage: 'granted by roles', answer: 'hashes' },
];

/** Questions on which the handbook says nothing. */
export const FOREIGN_QUESTIONS: readonly string[] = [
  'What is the capital of France?',
  'Which wine goes with grilled salmon?',
  'How tall is Mount Kilimanjaro?',
  'Who won the football championship in 1998?',
  'How do I repot an orchid?',
];
