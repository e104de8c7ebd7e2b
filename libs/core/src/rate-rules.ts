import { z } from 'zod';
import type { RateClaim } from './rate-limit.js';
import { NameSchema } from './workflow-definition.js';

/** A name, in which each `*` stands for any characters. */
const Pattern = z.string().min(1).max(260).transform(lowerCased);

/** One limit that the operator sets on calls, to hosts or to models. */
export const RateRuleSchema = z
  .strictObject({
    /** Calls under rules of one name share their limit over all processes. */
    name: NameSchema,
    /** The hosts or the models that it is for: `api.example.com`, `*.example.com`, `*`. */
    host: Pattern.optional(),
    model: Pattern.optional(),
    /** Only calls of these tenants; without it: of all. */
    tenants: z.array(z.string().min(1).max(64)).min(1).optional(),
    /** Each tenant, each host or model has the limit for itself; without it, all share it. */
    per: z.array(z.enum(['tenant', 'host', 'model'])).default([]),
    /** Calls, and tokens of models, in so many seconds. */
    requests: z.number().positive().max(1e9).optional(),
    tokens: z.number().positive().max(1e12).optional(),
    seconds: z.number().min(0.001).max(86_400).default(60),
    /** The share of the limit that may pass at once, 0 to 1; one call always may. */
    burst: z.number().min(0).max(1).default(0.1),
  })
  .refine(({ host, model }) => (host === undefined) !== (model === undefined), 'set `host` or `model`')
  .refine(({ requests, tokens }) => requests !== undefined || tokens !== undefined, 'set `requests` or `tokens`')
  .refine(({ model, tokens }) => tokens === undefined || model !== undefined, '`tokens` are those of a `model`')
  .refine(({ per, host }) => !per.includes(host === undefined ? 'host' : 'model'), '`per` names what the rule is not for');

export const RateRulesSchema = z
  .array(RateRuleSchema)
  .max(1_000)
  .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, 'each rule has a name of its own');

export type RateRule = z.infer<typeof RateRuleSchema>;

/** A call that may be limited. */
export interface LimitedCall {
  readonly tenantId: string;
  /** Without the dot at its end. */
  readonly host?: string;
  /** `provider/model`; a rule may name it with or without its provider. */
  readonly model?: string;
  /** Tokens that it will probably take. */
  readonly tokens?: number;
}

/** What a call claims under the rules that are for it. */
export function rateClaims(rules: readonly RateRule[], call: LimitedCall): RateClaim[] {
  return rules.filter((rule) => isFor(rule, call)).flatMap((rule) => claimsOf(rule, call));
}

/** A claim under a limit of so many units in so many seconds. */
export function rateClaim(
  limit: { key: string; amount: number; seconds: number; burst: number; unit: string },
  cost: number,
): RateClaim {
  const { key, amount, seconds, burst, unit } = limit;
  return {
    key,
    limit: { amount, perMs: seconds * 1_000, burst: Math.max(1, Math.floor(amount * burst)) },
    cost,
    label: `${amount} ${unit} in ${seconds} s`,
  };
}

function isFor({ host, model, tenants }: RateRule, call: LimitedCall): boolean {
  if (tenants?.includes(call.tenantId) === false) return false;
  if (host !== undefined) return call.host !== undefined && matchesName(host, call.host);
  if (model === undefined || call.model === undefined) return false;
  return matchesName(model, call.model) || matchesName(model, call.model.slice(call.model.indexOf('/') + 1));
}

/** Whether a name is what a pattern describes, in which each `*` stands for any characters; case does not count. */
export function matchesName(pattern: string, name: string): boolean {
  const [first = '', ...rest] = lowerCased(pattern).split('*');
  const text = lowerCased(name);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

function claimsOf(rule: RateRule, call: LimitedCall): RateClaim[] {
  const { name, per, requests, tokens, seconds, burst } = rule;
  const parts = { tenant: call.tenantId, host: call.host ?? '', model: call.model ?? '' };
  const owner = per.map((part) => `/${encodeURIComponent(lowerCased(parts[part]))}`).join('');
  const claim = (unit: string, amount: number | undefined, cost: number): RateClaim[] =>
    amount === undefined ? [] : [rateClaim({ key: `rule/${name}/${unit}${owner}`, amount, seconds, burst, unit }, cost)];
  return [...claim('requests', requests, 1), ...claim('tokens', tokens, call.tokens ?? 0)];
}

function lowerCased(text: string): string {
  return text.toLowerCase();
}
