import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import {
  approvalId,
  BatonError,
  parseApprovalId,
  ROLES,
  rolesWithin,
  type Approval,
  type Clock,
  type JsonValue,
  type Role,
  type RunStore,
} from '@baton/core';
import { z } from 'zod';
import { decisionRefusal, noApproval, type RunSignaller } from './signal-run.js';

export type ApprovalChoice = 'approve' | 'reject';

export interface MakeApprovalLink {
  tenantId: string;
  approvalId: string;
  /** Who asks for the link. */
  issuer: { name: string; role: Role };
  /** In whose name it decides; the issuer's when absent. */
  decider?: string;
  /** What it can decide. */
  choices: readonly ApprovalChoice[];
  /** How long it can. */
  forMs: number;
}

export interface LinkDecision {
  decision: ApprovalChoice;
  comment: string | null;
  payload: JsonValue;
}

const LinkSchema = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  approval: z.string(),
  issuer: z.string(),
  role: z.enum(ROLES),
  decider: z.string(),
  choices: z.array(z.enum(['approve', 'reject'])),
  expires_at: z.int(),
});
/** What a link says. */
export type ApprovalLink = z.infer<typeof LinkSchema>;

/** Goes before what is signed: a signature made for something else is none of a link. */
const PURPOSE = 'approval-link.v1.';

/**
 * Links by which somebody decides an approval without logging in: signed, bound to one approval and to outcomes, expiring, and of one use. Who makes
 * one gives away the right to decide that they have, in their own name, or, as an admin, in another's. Without a secret there are none.
 */
export class ApprovalLinks {
  constructor(
    private readonly parts: { runs: Pick<RunStore, 'findApproval'>; signaller: Pick<RunSignaller, 'decide'>; clock: Clock },
    private readonly options: { secret: string | null },
  ) {}

  /** @throws BatonError `links_disabled`, `approval_not_found`, and as deciding it would, which the link is to do; `forbidden` for another's name. */
  async make(request: MakeApprovalLink): Promise<{ token: string; link: ApprovalLink }> {
    const { tenantId, issuer, decider = issuer.name, choices, forMs } = request;
    const now = this.parts.clock.now();
    const key = this.requireSecret();
    const approval = await this.find(request.approvalId, tenantId);
    if (decider !== issuer.name && issuer.role !== 'admin')
      throw new BatonError('forbidden', "Only an admin makes a link that decides in another's name.");
    const id = randomUUID();
    const use = { id, issuedBy: issuer.name };
    const refusal = decisionRefusal(approval, { by: decider, roles: rolesWithin(issuer.role), link: use, at: now });
    if (refusal !== null) throw refusal;
    const link: ApprovalLink = {
      ...{ id, tenant: tenantId, approval: approvalId(approval), issuer: issuer.name, role: issuer.role, decider },
      ...{ choices: [...choices], expires_at: now + forMs },
    };
    const body = Buffer.from(JSON.stringify(link)).toString('base64url');
    return { token: `${body}.${sign(body, key).toString('base64url')}`, link };
  }

  /** What a link is about. Decides nothing. @throws BatonError `link_invalid`, `link_expired`. */
  async open(token: string): Promise<{ link: ApprovalLink; approval: Approval }> {
    const link = this.read(token);
    return { link, approval: await this.find(link.approval, link.tenant) };
  }

  /** Decides as the link says. @throws BatonError as `open` and as deciding does; `link_used` the second time. */
  async decide(token: string, { decision, comment, payload }: LinkDecision): Promise<Approval> {
    const { id, tenant, approval, issuer, role, decider, choices } = this.read(token);
    if (!choices.includes(decision)) throw new BatonError('forbidden', `The link cannot ${decision}.`, { approval_id: approval });
    const link = { id, issuedBy: issuer };
    const decided = { decision, by: decider, roles: rolesWithin(role), link, comment, payload };
    return this.parts.signaller.decide(tenant, approval, decided);
  }

  private read(token: string): ApprovalLink {
    const { secret } = this.options;
    const [body = '', signature = '', ...more] = token.split('.');
    const signed = secret === null ? null : sign(body, secret);
    const given = Buffer.from(signature, 'base64url');
    if (signed === null || more.length > 0 || given.length !== signed.length || !timingSafeEqual(given, signed)) throw invalid();
    const link = LinkSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
    if (link.expires_at > this.parts.clock.now()) return link;
    throw new BatonError('link_expired', 'The link has expired.', { approval_id: link.approval });
  }

  private async find(id: string, tenantId: string): Promise<Approval> {
    const key = parseApprovalId(id);
    const approval = key === null ? null : await this.parts.runs.findApproval(key);
    if (approval !== null && approval.tenantId === tenantId) return approval;
    throw noApproval(id);
  }

  private requireSecret(): string {
    if (this.options.secret !== null) return this.options.secret;
    throw new BatonError('links_disabled', 'There is no secret to sign links with.');
  }
}

function sign(body: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(PURPOSE).update(body).digest();
}

function invalid(): BatonError {
  return new BatonError('link_invalid', 'The link is not one of ours.');
}
