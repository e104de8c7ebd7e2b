import { describe, expect, test } from '@jest/globals';
import { contentDisposition } from './artifact.js';

describe('the name of a download', () => {
  test.each([
    ['report.pdf', `attachment; filename="report.pdf"; filename*=UTF-8''report.pdf`],
    ['Übersicht 2.pdf', `attachment; filename="_bersicht 2.pdf"; filename*=UTF-8''%C3%9Cbersicht%202.pdf`],
    ['a"; x="b', `attachment; filename="a_; x=_b"; filename*=UTF-8''a%22%3B%20x%3D%22b`],
    ["it's (1)*.md", `attachment; filename="it_s (1)_.md"; filename*=UTF-8''it%27s%20%281%29%2A.md`],
    ['a\r\nset-cookie: b', `attachment; filename="a__set-cookie_ b"; filename*=UTF-8''a%0D%0Aset-cookie%3A%20b`],
  ])('%j stays within its header', (name, header) => {
    expect(contentDisposition(name)).toBe(header);
  });
});
