import { Module } from '@nestjs/common';
import { LiveGate } from './live-gate.js';
import { LiveServer } from './live-server.js';
import { RunFeed } from './run-feed.js';
import { WsTokens } from './ws-tokens.js';
import { WsTokensController } from './ws-tokens.controller.js';

/** Live events over WebSockets, and the tokens that open them. */
@Module({ controllers: [WsTokensController], providers: [WsTokens, LiveGate, RunFeed, LiveServer] })
export class LiveModule {}
