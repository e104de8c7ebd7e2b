/** A call in the sealed network. */
export interface Attempt {
  /** An address alone is connected to without the guard, to show that it is there. */
  url: string;
  /** What names resolve to, the first time, the second time and so on. */
  answers?: string[][];
  allow?: string[];
  expected: 'reached' | 'refused' | 'refused after the first hop';
}

export interface AttemptResult {
  /** Status, or code and message of the failure. */
  outcome: string;
  /** Connections that were begun. */
  connections: number;
  /** Addresses at which the listener was reached. */
  reached: string[];
}

const FORBIDDEN = [
  ...['127.0.0.1', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '169.254.170.2', '100.100.100.200', '192.0.0.192'],
  ...['168.63.129.16', '0.0.0.0', '100.64.0.1', '198.18.0.1', '192.88.99.1', '::1', 'fd00:ec2::254', 'fd20:ce::254'],
  ...['64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1', '2001:0:a9fe:a9fe::1', '::ffff:10.0.0.1', 'fe80::1'],
];
const PUBLIC = ['93.184.216.34', '2606:4700::1111'];

const inUrl = (address: string): string => `http://${address.includes(':') ? `[${address}]` : address}/`;
const refused = (attempt: Omit<Attempt, 'expected'>): Attempt => ({ ...attempt, expected: 'refused' });
const afterHop = (attempt: Omit<Attempt, 'expected'>): Attempt => ({ ...attempt, expected: 'refused after the first hop' });
const reaches = (attempt: Omit<Attempt, 'expected'>): Attempt => ({ ...attempt, expected: 'reached' });

export const ATTEMPTS: readonly Attempt[] = [
  // What is refused below is there: whoever asks without the guard gets in.
  ...['127.0.0.1', '10.0.0.1', '169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254', '64:ff9b::a9fe:a9fe'].map(
    (url) => reaches({ url }),
  ),
  ...PUBLIC.map((address) => reaches({ url: inUrl(address) })),
  ...PUBLIC.map((address) => reaches({ url: 'http://name.example/', answers: [[address]] })),
  reaches({ url: 'http://name.example/', answers: [['10.0.0.1']], allow: ['10.0.0.0/8'] }),
  reaches({ url: 'http://10.0.0.1:8080/', allow: ['10.0.0.1:8080'] }),
  ...FORBIDDEN.map((address) => refused({ url: inUrl(address) })),
  ...FORBIDDEN.map((address) => refused({ url: 'http://name.example/', answers: [[address]] })),
  ...FORBIDDEN.map((address) => refused({ url: 'http://name.example/', answers: [[PUBLIC[0]!, address]] })),
  ...['http://2852039166/', 'http://0xa9fea9fe/', 'http://0251.0376.0251.0376/', 'http://169.254.43518/', 'http://127.1/'].map(
    (url) => refused({ url }),
  ),
  refused({ url: 'http://93.184.216.34:8080/' }),
  refused({ url: 'http://name.example/', answers: [['169.254.169.254']], allow: ['169.254.0.0/16', 'name.example'] }),
  // A name that is public once, and then no more.
  ...FORBIDDEN.map((address) => afterHop({ url: 'http://name.example/', answers: [[PUBLIC[0]!], [address]] })),
  // A public host that sends the call on.
  ...FORBIDDEN.map((address) => afterHop({ url: `http://93.184.216.34/?to=${encodeURIComponent(inUrl(address))}` })),
  ...[
    'http://localhost/',
    '//127.0.0.1/',
    'http://93.184.216.34:8080/',
    'file:///etc/passwd',
    '/admin',
    'http://u:p@93.184.216.34/',
  ].map((to) => afterHop({ url: `http://93.184.216.34/?to=${encodeURIComponent(to)}` })),
];
