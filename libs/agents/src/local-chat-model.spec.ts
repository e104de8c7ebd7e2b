import { describe, expect, test } from '@jest/globals';
import { compileJsonSchema, type ChatReply, type ChatRequest } from '@baton/core';
import { writePrompt, type AgentPrompt } from './agent-prompt.js';
import { LocalChatModel } from './local-chat-model.js';
import { OutputSchema } from './output-schema.js';
import { subtasksSchema } from './patterns/agent-part.js';

const model = new LocalChatModel();
const PASSAGES = [
  {
    n: 1,
    title: 'Redis',
    text: 'Redis > Task locks\n\nThe lock of a task is a key. It expires after 30 seconds. Only its holder can release it.',
  },
  {
    n: 2,
    title: 'Journal',
    text: 'Journal\n\nEvery run has a journal.\n\n- **Events** are numbered from one [1].\n- Nothing follows\n  a terminal event.',
  },
  {
    n: 3,
    title: 'Words',
    text: '| word | meaning |\n|---|---|\n| lease | a sign of life |\n| doorbell | run R has reached | seq N |',
  },
  { n: 4, title: 'Start', text: 'Run this:\n\n```sh\nnpm start\n\nnpm test -- --coverage\n```' },
];

function ask(prompt: Partial<AgentPrompt>, more: Partial<ChatRequest> = {}): Promise<ChatReply> {
  const messages = writePrompt({ role: 'draft', instructions: 'Answer.', question: '', passages: PASSAGES, ...prompt });
  return model.complete({
    model: '',
    messages,
    idempotencyKey: 'run/node/1/model',
    signal: new AbortController().signal,
    ...more,
  });
}
const answer = async (prompt: Partial<AgentPrompt>): Promise<string> => (await ask(prompt)).content;

describe('draft', () => {
  test('answers with the sentences that say most about the question, cited', async () => {
    expect(await answer({ question: 'When does a task lock expire?' })).toBe(
      'The lock of a task is a key. [1] It expires after 30 seconds. [1] Only its holder can release it. [1]',
    );
  });

  test('reads list items, without their marks and without what looks like a citation', async () => {
    expect(await answer({ question: 'How are events numbered?' })).toContain('Events are numbered from one (1). [2]');
    expect(await answer({ question: 'What follows a terminal event?' })).toContain('Nothing follows a terminal event. [2]');
  });

  test('reads rows of tables and lines of code', async () => {
    expect(await answer({ question: 'What is a lease?' })).toBe('lease: a sign of life [3]');
    expect(await answer({ question: 'What does doorbell mean?' })).toBe('doorbell: run R has reached, seq N [3]');
    expect(await answer({ question: 'How is coverage measured?', passages: [PASSAGES[3]!] })).toBe('npm test -- --coverage [4]');
  });

  test('takes a title that looks like an item of a list for no sentence', async () => {
    const title = '3. Duties of locks';
    const passages = [{ n: 1, title, text: `${title} > 3.1. When a lock expires\n\nIt expires after 30 seconds.` }];
    expect(await answer({ question: 'When does a lock expire?', passages })).toBe('It expires after 30 seconds. [1]');
  });

  test('tells a sentence once, however many passages have it', async () => {
    const twice = [PASSAGES[0]!, { ...PASSAGES[0]!, n: 2 }];
    const text = await answer({ question: 'When does a lock expire?', passages: twice });
    expect(text.match(/It expires/g)).toHaveLength(1);
  });

  test('says so when the passages hold no answer, with the words they lack', async () => {
    expect(await answer({ question: 'What is the capital of France?' })).toBe(
      'The passages do not answer this question: none of them mentions capital, france.',
    );
    expect(await answer({ question: 'Who bakes bread for Redis?' })).toMatch(/^The passages do not answer this question/);
    expect(await answer({ question: 'When?', passages: [] })).toBe('The passages do not answer this question: none was found.');
  });

  test('a role that it does not know drafts', async () => {
    expect(await answer({ role: 'researcher', question: 'What is a lease?' })).toBe('lease: a sign of life [3]');
  });
});

describe('review', () => {
  const review = (draft: string, question = 'When does a task lock expire?'): Promise<string> =>
    answer({ role: 'review', question, draft });

  test('finds its own drafts supported', async () => {
    const question = 'When does a task lock expire?';
    expect(await review(await answer({ question }))).toBe('3 of 3 claims are supported by the passages they cite.');
  });

  test.each([
    ['cites another passage', 'The lock of a task expires. [2]'],
    ['cites nothing', 'The lock of a task expires.'],
    ['cites a passage that is not there', 'The lock of a task expires. [7]'],
    ['has a number of its own', 'The lock of a task expires after 60 seconds. [1]'],
    ['says something else', 'Bananas expire quickly in tropical heat. [1]'],
  ])('lists a claim that %s', async (_, claim) => {
    const text = await review(`It expires after 30 seconds. [1] ${claim}`);
    expect(text).toBe(`1 of 2 claims are supported by the passages they cite.\n- Unsupported: ${claim.replace(/ \[\d\]$/, '')}`);
  });

  test('names the words of the question that no passage has', async () => {
    const text = await review('It expires after 30 seconds. [1]', 'When does a lock expire in Kubernetes?');
    expect(text).toContain('- Words of the question in no passage: kubernetes');
  });

  test('has nothing to check in a refusal, and says when there is no draft', async () => {
    const refusal = await answer({ question: 'What is the capital of France?' });
    expect(await review(refusal, 'What is the capital of France?')).toBe(
      'The draft makes no claim.\n- Words of the question in no passage: capital, france',
    );
    expect(await answer({ role: 'review', question: 'When?' })).toBe('There is no draft to review.');
  });
});

test('divides a question by titles, and by sections where more parts are wanted', async () => {
  const passage = (n: number, title: string, section: string) => ({ n, title, text: `${title} > ${section}\n\nText.` });
  const passages = [passage(1, 'Locks', 'Expiry'), passage(2, 'Locks', 'Fences'), passage(3, 'Leases', 'Renewal')];
  const compiled = compileJsonSchema(subtasksSchema(4));
  if (!('schema' in compiled)) throw new Error(compiled.problem);
  const instructions = `Divide.\n\n${new OutputSchema(compiled.schema).instruction}`;
  const parts = JSON.parse(await answer({ role: 'decompose', instructions, question: 'Why?', passages })) as unknown;
  expect(parts).toEqual({ subtasks: ['Why? (Locks)', 'Why? (Leases)', 'Why? (Expiry)', 'Why? (Fences)'] });
});

describe('synthesise', () => {
  const question = 'When does a task lock expire?';
  const synthesise = (draft: string, review?: string): Promise<string> => answer({ role: 'synthesise', question, draft, review });

  test('keeps the draft with its citations and lists the sources that it cites', async () => {
    expect(await synthesise('It expires after 30 seconds. [1] Runs have journals. [2]')).toBe(
      'It expires after 30 seconds. [1] Runs have journals. [2]\n\nSources:\n[1] Redis\n[2] Journal',
    );
  });

  test('keeps drafts of several agents apart, without their lists of sources, and says nothing twice', async () => {
    const drafts =
      'It expires after 30 seconds. [1]\n\nRuns have journals. [2] It expires after 30 seconds. [1]\n\nSources:\n[1] Redis';
    expect(await synthesise(drafts)).toBe(
      'It expires after 30 seconds. [1]\n\nRuns have journals. [2]\n\nSources:\n[1] Redis\n[2] Journal',
    );
  });

  test('leaves out what the review found unsupported, and its source', async () => {
    const draft = 'It expires after 30 seconds. [1] Bananas expire quickly. [2]';
    const review = await answer({ role: 'review', question, draft });
    expect(await synthesise(draft, review)).toBe('It expires after 30 seconds. [1]\n\nSources:\n[1] Redis');
  });

  test('does not answer when nothing is left, or nothing was there', async () => {
    const draft = 'Bananas expire quickly. [2]';
    expect(await synthesise(draft, await answer({ role: 'review', question, draft }))).toMatch(/the review left no claim/);
    const refusal = 'The passages do not answer this question: none was found.';
    expect(await synthesise(refusal)).toBe(refusal);
  });

  test('drafts where there is no draft, and has no sources where nothing is cited', async () => {
    expect(await answer({ role: 'synthesise', question })).toMatch(/can release it\. \[1\]\n\nSources:\n\[1\] Redis$/);
    expect(await synthesise('It expires.')).toBe('It expires.');
  });
});

describe('as a model', () => {
  const question = 'When does a task lock expire?';

  test('the same request has the same reply, with the tokens counted', async () => {
    const reply = await ask({ question });
    expect(await ask({ question })).toEqual(reply);
    expect(reply.model).toBe('local-extractive-v1');
    expect(reply.usage.promptTokens).toBeGreaterThan(100);
    expect(reply.usage.completionTokens).toBe(36);
  });

  test('says no more than it may', async () => {
    const reply = await ask({ question }, { maxTokens: 5 });
    expect(reply).toMatchObject({ content: 'The lock of a task', usage: { completionTokens: 5 } });
  });

  test('says what it cannot do', async () => {
    expect((await ask({}, { messages: [{ role: 'user', content: 'Hello' }] })).content).toMatch(/^The local model only answers/);
  });

  test('does not start when it was told to stop', async () => {
    await expect(ask({ question }, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  });
});
