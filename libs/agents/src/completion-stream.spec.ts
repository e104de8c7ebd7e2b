import { describe, expect, test } from '@jest/globals';
import { CompletionAssembly } from './completion-stream.js';

const delta = (change: object, finish_reason: string | null = null): object => ({
  model: 'm-1',
  choices: [{ index: 0, delta: change, finish_reason }],
});
const call = (at: object, asked: object): object => delta({ tool_calls: [{ ...at, function: asked }] });

function assemble(...chunks: unknown[]) {
  const heard: [number, string][] = [];
  const assembly = new CompletionAssembly('m', (text, offset) => heard.push([offset, text]));
  for (const chunk of chunks) assembly.add(chunk);
  return { heard, whole: assembly.end() };
}

function problemOf(chunk: unknown): string {
  try {
    assemble(chunk);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a streamed completion', () => {
  test('is put together to one in a piece, and heard as it comes', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 };
    const { heard, whole } = assemble(
      ...[delta({ role: 'assistant', content: '' }), delta({ content: 'It is' }), delta({ content: ' blue.' })],
      ...[delta({}, 'stop'), { choices: [], usage }],
    );
    expect(whole).toMatchObject({
      model: 'm-1',
      choices: [{ message: { content: 'It is blue.' }, finish_reason: 'stop' }],
      usage,
    });
    expect(heard).toEqual([
      [0, 'It is'],
      [5, ' blue.'],
    ]);
  });

  test.each([
    ['numbered', { index: 0, id: 'a' }, { index: 0 }, { index: 1, id: 'b' }, { index: 1 }],
    ['not numbered', { id: 'a' }, {}, { id: 'b' }, {}],
    ['numbered where they begin', { index: 1, id: 'a' }, {}, { index: 2, id: 'b' }, {}],
    ['numbered at first', { index: 1, id: 'a' }, { index: 1 }, { id: 'b' }, {}],
  ])('asks for tools piece by piece, %s', (_, first, more, second, rest) => {
    const { whole, heard } = assemble(
      ...[call(first, { name: 'x', arguments: '' }), call(more, { arguments: '{"n"' }), call(more, { arguments: ': 1}' })],
      ...[call(second, { name: 'y' }), call(rest, { arguments: '{}' }), delta({}, 'tool_calls')],
    );
    const calls = [
      { id: 'a', function: { name: 'x', arguments: '{"n": 1}' } },
      { id: 'b', function: { name: 'y', arguments: '{}' } },
    ];
    expect(whole).toMatchObject({ choices: [{ message: { content: '', tool_calls: calls } }] });
    expect(heard).toEqual([]);
  });

  test.each([
    ['from one on, the last first', 2, 1],
    ['as it likes', 2 ** 40, 7],
  ])('asks for tools that it numbers %s', (_, second, first) => {
    const { whole } = assemble(
      ...[call({ index: second, id: 'b' }, { name: 'y', arguments: '{}' }), call({ index: first, id: 'a' }, { name: 'x' })],
      ...[call({ index: first }, { arguments: '{}' }), delta({}, 'tool_calls')],
    );
    const asked = ['a', 'b'].map((id) => ({ id, function: { name: id === 'a' ? 'x' : 'y', arguments: '{}' } }));
    expect((whole as { choices: [{ message: object }] }).choices[0].message).toEqual({
      content: '',
      refusal: '',
      tool_calls: asked,
    });
  });

  test('that breaks off, or is none, can be asked for again', () => {
    for (const chunks of [[], [delta({ content: 'It is' })], [{ choices: 'none' }], ['text']]) {
      expect(() => assemble(...chunks)).toThrow(expect.objectContaining({ code: 'model_failed', options: { retryable: true } }));
    }
  });

  test('that is wrong in many places tells the first', () => {
    const calls = [{ id: 'a', function: {} }, 0, 0];
    for (const [wrong, place] of [
      [{ choices: [{}, 0, 0] }, 'choices[1]'],
      [delta({ tool_calls: calls }), 'choices[0].delta.tool_calls[1]'],
    ] as const) {
      const problem = `Invalid input: expected object, received number\n  → at ${place}`;
      expect(problemOf(wrong).slice(-problem.length)).toBe(problem);
    }
  });

  test('of a server that sends its usage with the last words, or a refusal', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1 };
    const { whole } = assemble({ choices: [{ delta: { refusal: 'I will not.' }, finish_reason: 'stop' }], usage });
    expect(whole).toMatchObject({ choices: [{ message: { content: '', refusal: 'I will not.' } }], usage });
  });
});
