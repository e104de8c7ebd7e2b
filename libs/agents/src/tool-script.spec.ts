import { expect, test } from '@jest/globals';
import type { ChatMessage, ChatTool } from '@baton/core';
import { nextScriptedTurn } from './tool-script.js';

const tools: ChatTool[] = ['a', 'b'].map((name) => ({ name, description: '', parameters: {} }));
const called: ChatMessage = { role: 'assistant', content: '', toolCalls: [{ id: 'x', name: 'a', arguments: '{}' }] };
const answered: ChatMessage = { role: 'assistant', content: 'No.' };

const SCRIPT = `Do it.
@call a {"n": 1}
@also b {"n": 2}
@call c {"n": 3}
@call! c not JSON
@answer first
@answer second`;

const play = (messages: ChatMessage[], offered = tools) => nextScriptedTurn(SCRIPT, offered, messages);

test('says one turn after the other, with several calls in one', () => {
  expect(play([])).toEqual({
    calls: [
      { id: 'call-1', name: 'a', arguments: '{"n": 1}' },
      { id: 'call-1-2', name: 'b', arguments: '{"n": 2}' },
    ],
  });
  expect(play([called])).toEqual({ calls: [{ id: 'call-2', name: 'c', arguments: 'not JSON' }] });
  expect(play([called, called])).toEqual({ answer: 'first' });
  expect(play([called, called, answered])).toEqual({ answer: 'second' });
  expect(play([called, called, answered, answered])).toBeNull();
});

test('answers where no tool is offered any more', () => {
  expect(play([called], [])).toEqual({ answer: 'first' });
  expect(play([called, answered], [])).toEqual({ answer: 'second' });
});
