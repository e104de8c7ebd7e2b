import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { issueProblems } from './schema-issue.js';

const Body = z.strictObject({
  title: z.string(),
  list: z.array(z.strictObject({ 'a/b': z.enum(['x', 'y']).optional(), id: z.int().min(1) })).optional(),
  any: z.unknown().nonoptional(),
});

describe('issueProblems', () => {
  it('says of each field whether it is missing, not known or wrong', () => {
    const { error } = Body.safeParse({ titel: 'x', 'a/b': 1, list: [{ id: 0 }, {}, { id: 1, 'a/b': 'z' }] });
    expect(error!.issues.flatMap(issueProblems)).toEqual([
      { pointer: '/title', message: 'this field is missing' },
      { pointer: '/list/0/id', message: 'Too small: expected number to be >=1' },
      { pointer: '/list/1/id', message: 'this field is missing' },
      { pointer: '/list/2/a~1b', message: 'Invalid option: expected one of "x"|"y"' },
      { pointer: '/any', message: 'this field is missing' },
      { pointer: '/titel', message: 'this field is not known' },
      { pointer: '/a~1b', message: 'this field is not known' },
    ]);
  });

  it('reads paths whose segments are objects, as Standard Schema may have them', () => {
    expect(issueProblems({ message: 'no', path: [{ key: 'a' }, 0] })).toEqual([{ pointer: '/a/0', message: 'no' }]);
  });
});
