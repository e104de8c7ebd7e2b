import {
  DAY_MS,
  MIB,
  bytes,
  choice,
  host,
  list,
  milliseconds,
  optional,
  path,
  seconds,
  secret,
  signingSecret,
  token,
  variable,
  wholeNumber,
  yesNo,
} from './config-kinds.js';

/** The HTTP server, and what the process does as a whole. */
export const server = {
  port: variable('PORT', wholeNumber(0, 65_535), '8001', 'Port of the HTTP server; 0 takes a free one.'),
  host: variable('HOST', host, '127.0.0.1', 'Address to listen on. Anything but loopback needs tokens.'),
  allowedHosts: variable('ALLOWED_HOSTS', list, '', 'Host names, besides loopback, under which the API may be called.'),
  corsOrigins: variable('CORS_ORIGINS', list, '', 'Other web origins whose pages may call the API.'),
  requestTimeoutMs: variable(
    'REQUEST_TIMEOUT_MS',
    milliseconds(1_000, DAY_MS),
    '300000',
    'How long a client may take to send a request, files included.',
  ),
  maxBodyBytes: variable('MAX_BODY_BYTES', bytes(1_024, 1_024 * MIB), String(16 * MIB), 'Largest request body.'),
  maxEventLoopDelayMs: variable(
    'MAX_EVENT_LOOP_DELAY_MS',
    milliseconds(0, 60_000),
    '500',
    'How late, on average, the API may be before it refuses requests with 503; 0 refuses none.',
  ),
  maxStartDelayMs: variable(
    'MAX_START_DELAY_MS',
    milliseconds(0, 60_000),
    '100',
    'How long starts may wait to be accepted: no more are let in at once than are accepted in this time, the others get 503. 0: all are.',
  ),
  maxConnections: variable(
    'MAX_CONNECTIONS',
    wholeNumber(1, 1_000_000),
    '10000',
    'Connections to one API process; more are closed at once.',
  ),
  shutdownGraceMs: variable(
    'SHUTDOWN_GRACE_MS',
    milliseconds(0, DAY_MS),
    '10000',
    'How long SIGTERM waits for work under way before it is handed back.',
  ),
  demo: variable(
    'DEMO',
    yesNo,
    'false',
    'Whether everything in one process starts a run to look at on data on which nothing has run, and a worker that may be killed; `npm start` says true.',
  ),
  logLevel: variable(
    'LOG_LEVEL',
    choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'The least level that is logged.',
  ),
};

/** Who may call the API. */
export const access = {
  rbacFile: optional('RBAC_FILE', path, '', 'JSON file with tokens (stored as SHA-256) and their roles.'),
  apiTokenViewerHash: secret('API_TOKEN_VIEWER', token, '', 'Token with the role viewer: reads.'),
  apiTokenOperatorHash: secret('API_TOKEN_OPERATOR', token, '', 'Token with the role operator: starts and stops work.'),
  apiTokenAdminHash: secret('API_TOKEN_ADMIN', token, '', 'Token with the role admin: everything.'),
  approvalLinkSecret: secret(
    'APPROVAL_LINK_SECRET',
    signingSecret,
    '',
    'Signs the links by which approvals are decided; without it there are none.',
  ),
  wsTokenSecret: secret(
    'WS_TOKEN_SECRET',
    signingSecret,
    'one of each process',
    'Signs the tokens of WebSockets. Several API processes need the same one, or each takes only its own tokens.',
  ),
  wsTokenTtlMs: variable(
    'WS_TOKEN_TTL_MS',
    milliseconds(1_000, DAY_MS),
    '300000',
    'How long a token of WebSockets is good for; its socket closes with it, unless it gets a new one.',
  ),
};

/** Streams of events, and how long requests wait for them. */
export const events = {
  sseHeartbeatMs: variable('SSE_HEARTBEAT_MS', milliseconds(100, 600_000), '15000', 'Pause between the heartbeats of a stream.'),
  sseMaxClients: variable('SSE_MAX_CLIENTS', wholeNumber(1, 100_000), '1000', 'Streams open at once in one process.'),
  sseBufferEvents: variable('SSE_BUFFER_EVENTS', wholeNumber(1, 100_000), '1000', 'Events held for one slow client.'),
  sseIdleMs: variable(
    'SSE_IDLE_MS',
    milliseconds(100, DAY_MS),
    '3600000',
    'A stream without an event for so long is closed; its client may come back with the last id.',
  ),
  wsHeartbeatMs: variable(
    'WS_HEARTBEAT_MS',
    milliseconds(100, 600_000),
    '15000',
    'Pause between the pings of a WebSocket; a client that gives no sign of life for three of them is closed.',
  ),
  wsMaxClients: variable('WS_MAX_CLIENTS', wholeNumber(1, 100_000), '5000', 'WebSockets open at once in one process.'),
  wsMaxClientsPerToken: variable(
    'WS_MAX_CLIENTS_PER_TOKEN',
    wholeNumber(1, 100_000),
    '500',
    'WebSockets open at once in one process for the same API token.',
  ),
  wsBufferBytes: variable(
    'WS_BUFFER_BYTES',
    bytes(1_024, 64 * MIB),
    '65536',
    'What a client may leave unread before nothing more is sent to it; it goes on from the journal once it reads.',
  ),
  preferWaitMaxMs: variable('PREFER_WAIT_MAX', seconds(0, 600), '60', 'The longest `Prefer: wait=N` of a start.'),
  mcpWaitMs: variable(
    'MCP_WAIT',
    seconds(0, 600),
    '30',
    "How long a call of a workflow over MCP waits for the run's end, before it is answered with the run as it stands.",
  ),
  cancelWaitMs: variable(
    'CANCEL_WAIT_MS',
    milliseconds(0, 60_000),
    '3000',
    'How long a cancel waits for the journal to say so before it answers 202.',
  ),
  doorbellPollMs: variable(
    'DOORBELL_POLL_MS',
    milliseconds(50, 600_000),
    '1000',
    'How often a stream reads the journal while the doorbell is dead.',
  ),
  doorbellHealthyPollMs: variable(
    'DOORBELL_HEALTHY_POLL_MS',
    milliseconds(50, 600_000),
    '5000',
    'How often a stream reads the journal though the doorbell is well: a ring may be lost.',
  ),
};
