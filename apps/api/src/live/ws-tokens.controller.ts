import { Controller, Header, Post } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@baton/platform';
import { Requires } from '../access/requires.decorator.js';
import { Caller } from '../request-context.js';
import { toInstant } from '../wire/json.js';
import { WsTokenReply } from '../wire/live.js';
import { WsTokens } from './ws-tokens.js';

/** Where browsers, which cannot send a header with a WebSocket, get a token that may stand in its address. */
@ApiTags('events')
@Controller('api/v1/ws-tokens')
export class WsTokensController {
  constructor(private readonly tokens: WsTokens) {}

  @Post()
  @Requires('viewer')
  @Header('cache-control', 'no-store')
  @ApiResponse({ status: 201, standardSchema: WsTokenReply, description: 'A token of WebSockets, with the rights of who asks.' })
  async issue(@Caller() caller: Principal): Promise<WsTokenReply> {
    const { token, expiresAt } = await this.tokens.issue(caller);
    return { token, expires_at: toInstant(expiresAt) };
  }
}
