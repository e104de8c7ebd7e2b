import { z } from 'zod';
import { RESEARCH_TIERS, SEARCH_AGENTS } from '@baton/nodes';

const Task = z.string().trim().min(1).max(10_000);
const Agents = z.int().min(1).max(500);

export const ResearchBody = z.strictObject({
  task: Task.describe('What is to be found out.'),
  title: z.string().trim().min(1).max(300).optional(),
  config: z
    .strictObject({
      agents: Agents.default(RESEARCH_TIERS.workers).describe('Who answer a part each.'),
      syntheses: Agents.default(RESEARCH_TIERS.syntheses).describe('Who put their answers together.'),
    })
    .refine(({ agents, syntheses }) => syntheses <= agents, { path: ['syntheses'], message: 'more than there are agents' })
    .prefault({}),
});
export type ResearchBody = z.infer<typeof ResearchBody>;

export const SearchBody = z.strictObject({
  task: Task.describe('What is to be found.'),
  title: z.string().trim().min(1).max(300).optional(),
  config: z.strictObject({ agents: Agents.default(SEARCH_AGENTS) }).prefault({}),
});
export type SearchBody = z.infer<typeof SearchBody>;
