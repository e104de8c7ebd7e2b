/** The roles of callers, each with all the rights of those before it. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The roles whose rights a role has, its own included. */
export function rolesWithin(role: Role): Role[] {
  return ROLES.slice(0, ROLES.indexOf(role) + 1);
}
