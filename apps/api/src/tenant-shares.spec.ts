import { expect, test } from '@jest/globals';
import { TenantShares } from './tenant-shares.js';

test('a tenant is small while it asks for less than half of an even share, of the last seconds alone', () => {
  let now = 0;
  const shares = new TenantShares(() => now);
  const note = (tenantId: string, times: number): void => {
    for (let index = 0; index < times; index += 1) shares.note(tenantId);
  };
  note('only', 100);
  expect([shares.tenants, shares.isSmall('only')]).toEqual([1, false]);
  note('quiet', 20);
  expect([shares.tenants, shares.isSmall('only'), shares.isSmall('quiet')]).toEqual([2, false, true]);
  note('quiet', 20);
  expect(shares.isSmall('quiet')).toBe(false);

  now = 1_500;
  note('quiet', 1);
  expect([shares.tenants, shares.isSmall('quiet')]).toEqual([2, false]);
  now = 2_500;
  note('quiet', 1);
  // The flood is over and forgotten.
  expect([shares.tenants, shares.isSmall('quiet')]).toEqual([1, false]);
});

test('of tenants that all ask for as much, none is small', () => {
  const shares = new TenantShares(() => 0);
  const tenants = Array.from({ length: 20 }, (_, index) => `tenant ${index}`);
  for (const tenant of tenants) for (let index = 0; index < 10; index += 1) shares.note(tenant);
  expect(tenants.filter((tenant) => shares.isSmall(tenant))).toEqual([]);
});
