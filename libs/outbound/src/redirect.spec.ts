import { expect, test } from '@jest/globals';
import { redirected, type Hop } from './redirect.js';

const hop = (url: string): Hop => ({ url: new URL(url), method: 'GET', headers: { cookie: 'a=b' }, body: null });
const REFUSED = expect.objectContaining({ code: 'http_refused' });

test('no redirect leaves https; one may enter it', () => {
  expect(() => redirected(hop('https://a.example/'), 302, 'http://a.example/')).toThrow(REFUSED);
  expect(redirected(hop('http://a.example/'), 302, 'https://a.example/x')?.url.href).toBe('https://a.example/x');
});

test('another port or protocol is another origin', () => {
  expect(redirected(hop('http://a.example/'), 302, '/x')?.headers).toEqual({ cookie: 'a=b' });
  expect(redirected(hop('http://a.example/'), 302, '//a.example:8080/x')?.headers).toEqual({});
  expect(redirected(hop('http://a.example/'), 302, 'https://a.example/x')?.headers).toEqual({});
});

test.each([200, 300, 304, 305, 400])('%i is no redirect', (status) => {
  expect(redirected(hop('http://a.example/'), status, '/x')).toBeNull();
});

test('nor is one that says not where to', () => {
  expect(redirected(hop('http://a.example/'), 302, '')).toBeNull();
});
