import type { CapacityFindResponse, DeadLettersListResponse, RunsListResponse, WorkersListResponse } from './schema.js';

export type RunSummary = RunsListResponse['items'][number];
export type DeadLetter = DeadLettersListResponse['items'][number];
export type Worker = WorkersListResponse['items'][number];
export type Capacity = CapacityFindResponse;
