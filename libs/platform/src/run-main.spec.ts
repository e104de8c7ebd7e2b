import { describe, expect, it } from '@jest/globals';
import { checkNode } from './run-main.js';

describe('checkNode', () => {
  it.each(['24.9.0', '24.21.0', '25.0.0'])('lets Node %s start', (version) => {
    expect(() => checkNode(version)).not.toThrow();
  });

  it.each(['20.20.2', '24.8.1', '22.30.0'])('says what to do on Node %s', (version) => {
    expect(() => checkNode(version)).toThrow(`Baton needs Node 24.9 or newer; this is ${version}.`);
  });
});
