import { describe, expect, test } from '@jest/globals';
import { networkInterfaces } from 'node:os';
import { parseAllowedTarget } from './allowed-target.js';
import { HttpPolicy } from './http-policy.js';
import { isOwnAddress } from './public-address.js';

const REFUSED = expect.objectContaining({ code: 'http_refused', options: expect.objectContaining({ retryable: false }) });
const BLOCKED_PATHS = ['/admin', '/.env', '/api/keys'];

function policy(...allow: string[]): HttpPolicy {
  return new HttpPolicy({ allow: allow.map((text) => parseAllowedTarget(text)!), ports: [80, 443], blockedPaths: BLOCKED_PATHS });
}
const check = (url: string, ...allow: string[]) => policy(...allow).checkUrl(new URL(url));
const connect = (address: string, ...allow: string[]) => policy(...allow).checkAddress('name.example', address, 443);

describe('the protocol', () => {
  test.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'data:text/plain,x',
    'javascript:1',
    'ws://a.example/',
  ])('of %s is refused', (url) => expect(() => check(url)).toThrow(REFUSED));
  test.each(['http://example.com/', 'https://example.com/a?b#c', 'https://example.com:443/', 'http://xn--bcher-kva.example/'])(
    'of %s is called',
    (url) => expect(() => check(url)).not.toThrow(),
  );
});

const INTERNAL_V4 = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.254'],
  ...['169.254.0.1', '169.254.169.254', '169.254.170.2', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.0.192', '192.0.2.1'],
  ...[
    '192.88.99.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
  ],
  ...['240.0.0.1', '255.255.255.255', '168.63.129.16', '192.80.8.124', '161.26.0.10', '166.11.255.255', '199.36.153.4'],
  ...['199.36.153.11', '192.31.196.1', '192.52.193.1', '192.175.48.1'],
];
const INTERNAL_V6 = [
  ...[
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::808:808',
  ],
  ...['64:ff9b:1::a00:1', '100::1', '2001::1', '2001:0:4136:e378::1', '2001:2::1', '2001:10::1', '2001:20::1', '2001:db8::1'],
  ...['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:808:808::1', '3fff::1', '4000::1', '5f00::1', 'fc00::1', 'fd00:ec2::254'],
  ...['2600:2d00:2:1000::1', '2620:4f:8000::1', 'fd20:ce::254', 'fd00:42::42', '::1%lo', '64:ff9b::a9fe:a9fe'],
  ...['fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', 'ff0e::1'],
];

describe('an address', () => {
  test.each([...INTERNAL_V4, ...INTERNAL_V6, '', 'nonsense', '1.2.3', '999.1.1.1'])('%s is not connected to', (address) => {
    expect(() => connect(address)).toThrow(REFUSED);
  });

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '93.184.216.34',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '169.253.0.1',
    '223.255.255.1',
  ])('%s is connected to', (address) => expect(() => connect(address)).not.toThrow());
  test.each(['2606:4700::1111', '2a00:1450:4001::200e', '2400:cb00::1', '2003:1::1'])('%s is connected to', (address) =>
    expect(() => connect(address)).not.toThrow(),
  );

  test.each([
    ...INTERNAL_V4.map((ip) => `http://${ip}/`),
    ...INTERNAL_V6.filter((ip) => !ip.includes('%')).map((ip) => `http://[${ip}]/`),
  ])('in %s is refused', (url) => expect(() => check(url)).toThrow(REFUSED));
  test.each([
    ...[
      'http://2130706433/',
      'http://0x7f000001/',
      'http://0x7f.1/',
      'http://017700000001/',
      'http://0177.0.0.1/',
      'http://127.1/',
    ],
    ...[
      'http://127.0.0.1./',
      'http://①②⑦.⓪.⓪.①/',
      'http://１２７.0.0.1/',
      'http://127。0。0。1/',
      'http://0/',
      'http://0xa9fea9fe/',
    ],
    ...['http://[::ffff:7f00:1]/', 'http://[0:0:0:0:0:ffff:127.0.0.1]/', 'http://%31%32%37.0.0.1/', 'http://2852039166/'],
  ])('in disguise is refused: %s', (url) => expect(() => check(url)).toThrow(REFUSED));
});

test('an address of this machine is not connected to, public or not', () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  for (const { address } of own) expect(() => connect(address)).toThrow(REFUSED);
  expect(own.map(({ address }) => isOwnAddress(address))).not.toContain(false);
  expect(isOwnAddress('1.1.1.1')).toBe(false);
});

describe('a host', () => {
  test.each([
    ...[
      'http://localhost/',
      'http://LOCALHOST/',
      'http://localhost./',
      'http://localhost../',
      'http://a.localhost/',
      'http://ｌocalhost/',
    ],
    ...['http://metadata.google.internal/', 'http://metadata.google.internal./', 'http://METADATA.google.INTERNAL/'],
    ...['http://metadata.goog/', 'http://metadata.tencentyun.com/latest/', 'http://kubernetes.default.svc/', 'http://x.onion/'],
    ...['http://metadata/', 'http://instance-data/', 'http://redis/', 'http://printer.local/', 'http://x.localhost.localdomain/'],
    ...['http://kubernetes.default.svc.cluster.local/', 'http://host.docker.internal/', 'http://box.lan/', 'http://a.home.arpa/'],
    ...['http://user@example.com/', 'http://user:password@example.com/', 'http://example.com@127.0.0.1/'],
  ])('%s is refused', (url) => expect(() => check(url)).toThrow(REFUSED));
  test.each(['http://localhost.example/', 'http://internal.example.com/', 'http://my-local.example/'])('%s is called', (url) =>
    expect(() => check(url)).not.toThrow(),
  );
});

describe('a port', () => {
  test.each(['http://example.com:22/', 'http://example.com:6379/', 'https://example.com:8443/', 'http://1.1.1.1:8080/'])(
    'of %s is refused',
    (url) => expect(() => check(url)).toThrow(REFUSED),
  );
  test('of an address is the one that a connection is made to', () => {
    expect(() => policy().checkAddress('name.example', '1.1.1.1', 6_379)).toThrow(REFUSED);
  });
});

describe('a path', () => {
  test.each([
    ...[
      '/admin',
      '/admin/',
      '/admin/users',
      '/ADMIN',
      '//admin',
      '/./admin',
      '/a/../admin',
      '/%61dmin',
      '/%2561dmin',
      '/admin;x=1/',
    ],
    ...[
      '/%2e%2e/admin',
      '/a%2f..%2fadmin',
      '/\\admin',
      '/%5cadmin',
      '/.env',
      '/%2eenv',
      '/api/keys',
      '/api//keys/1',
      '/api/x/../keys',
    ],
    ...['/%25252525252561dmin'],
  ])('%s is blocked', (path) => expect(() => check(`https://example.com${path}`)).toThrow(REFUSED));
  test.each(['/', '/administration', '/users/admin', '/api/key', '/api', '/.environment', '/%zz', '/?q=/admin'])(
    '%s is not',
    (path) => expect(() => check(`https://example.com${path}`)).not.toThrow(),
  );
  test('is blocked on hosts that are allowed, too', () => {
    expect(() => check('http://127.0.0.1:99/admin', '127.0.0.1:99')).toThrow(REFUSED);
  });
});

describe('what the operator allows', () => {
  test.each([
    ['http://127.0.0.1:99/', '127.0.0.1:99'],
    ['http://127.0.0.1:99/', '127.0.0.1'],
    ['http://2130706433:99/', '127.0.0.0/8'],
    ['http://[::1]:99/', '[::1]:99'],
    ['http://[::1]:99/', '::1'],
    ['http://[fd00::5]:99/', 'fd00::/8'],
    ['http://[fd00::5]:99/', '[fd00::]/8:99'],
    ['http://localhost:99/', 'localhost:99'],
    ['http://Service.internal./', 'service.INTERNAL'],
    ['http://bücher.internal:99/', 'bücher.internal'],
  ])('lets %s be called: %s', (url, allowed) => {
    expect(() => check(url)).toThrow(REFUSED);
    expect(() => check(url, allowed)).not.toThrow();
  });

  test.each([
    ['http://127.0.0.1:98/', '127.0.0.1:99'],
    ['http://127.0.0.2:99/', '127.0.0.1:99'],
    ['http://localhost:98/', 'localhost:99'],
    ['http://localhost:99/', '127.0.0.1:99'],
    ['http://[::ffff:127.0.0.1]:99/', '127.0.0.1:99'],
    ['http://a.service.internal/', 'service.internal'],
    ['http://example.com:22/', '10.0.0.0/8:23'],
  ])('does not let %s be called: %s', (url, allowed) => {
    expect(() => check(url, allowed)).toThrow(REFUSED);
  });

  test('is a name or an address that it resolves to', () => {
    expect(() => connect('10.1.2.3')).toThrow(REFUSED);
    expect(() => connect('10.1.2.3', '10.0.0.0/8')).not.toThrow();
    expect(() => connect('10.1.2.3', 'name.example:443')).not.toThrow();
    expect(() => connect('10.1.2.3', 'name.example:80')).toThrow(REFUSED);
    expect(() => connect('::ffff:10.1.2.3', '10.0.0.0/8')).toThrow(REFUSED);
  });

  test.each(['169.254.169.254', '100.100.100.200', '192.0.0.192', 'fd00:ec2::254', '::ffff:169.254.169.254'])(
    'is not %s, unless it is named by itself',
    (address) => {
      const networks = ['0.0.0.0/0', '169.254.0.0/16', '::/0', 'fd00::/8', 'name.example'];
      expect(() => connect(address, ...networks)).toThrow(REFUSED);
      expect(() => connect(address, address)).not.toThrow();
    },
  );

  test.each([
    '',
    'a b',
    'http://a',
    'a/b',
    'a:b',
    'a:0',
    'a:65536',
    '10.0.0.0/33',
    '::/129',
    '[::1',
    '[a]',
    '10.0.0.0/',
    'a@b',
    'a?b',
  ])('is not %j', (text) => expect(parseAllowedTarget(text)).toBeNull());
});
