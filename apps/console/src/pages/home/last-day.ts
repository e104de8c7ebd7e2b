/** What Home tells of the past: the last 24 hours of all workflows, by hour. */
export const LAST_DAY = { period: '24h', workflow: null } as const;
