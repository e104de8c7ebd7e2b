// Made by `npm run openapi`.

export type ClientOptions = {
  baseUrl: string;
};

export type Schema0 =
  | string
  | number
  | boolean
  | null
  | Array<Schema0>
  | {
      [key: string]: Schema0;
    };

export type Schema1 =
  | string
  | number
  | boolean
  | null
  | Array<Schema1>
  | {
      [key: string]: Schema1;
    };

export type Schema2 =
  | string
  | number
  | boolean
  | null
  | Array<Schema2>
  | {
      [key: string]: Schema2;
    };

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  remedy: string;
  request_id: string;
  problems?: Array<{
    /**
     * A JSON pointer into what was sent, or into what it makes.
     */
    pointer: string;
    message: string;
    code?: string;
    remedy?: string;
    /**
     * Where in the text of an expression.
     */
    position?: {
      start: number;
      end: number;
    };
  }>;
  [key: string]: unknown;
};

export type TasksListData = {
  body?: never;
  path?: never;
  query?: {
    status?: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
    /**
     * Only tasks whose title begins so.
     */
    title_prefix?: string;
    limit?: number;
    cursor?: string;
  };
  url: '/api/v1/tasks';
};

export type TasksListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksListError = TasksListErrors[keyof TasksListErrors];

export type TasksListResponses = {
  /**
   * Newest first.
   */
  200: {
    items: Array<{
      id: string;
      title: string;
      description: string | null;
      input: unknown;
      status: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
      live_run_id: string | null;
      last_run_id: string | null;
      created_at: string;
      updated_at: string;
      links: {
        self: string;
        events: string;
        activities: string;
        locks: string;
      };
    }>;
    next_cursor: string | null;
  };
};

export type TasksListResponse = TasksListResponses[keyof TasksListResponses];

export type TasksCreateData = {
  body: {
    title: string;
    description?: string;
    input?: unknown;
  };
  headers?: {
    'Idempotency-Key'?: string;
  };
  path?: never;
  query?: never;
  url: '/api/v1/tasks';
};

export type TasksCreateErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksCreateError = TasksCreateErrors[keyof TasksCreateErrors];

export type TasksCreateResponses = {
  /**
   * The task is kept.
   */
  201: {
    id: string;
    title: string;
    description: string | null;
    input: unknown;
    status: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
    live_run_id: string | null;
    last_run_id: string | null;
    created_at: string;
    updated_at: string;
    links: {
      self: string;
      events: string;
      activities: string;
      locks: string;
    };
  };
};

export type TasksCreateResponse = TasksCreateResponses[keyof TasksCreateResponses];

export type TasksListAliasData = {
  body?: never;
  path?: never;
  query?: {
    status?: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
    /**
     * Only tasks whose title begins so.
     */
    title_prefix?: string;
    limit?: number;
    cursor?: string;
  };
  url: '/api/tasks';
};

export type TasksListAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksListAliasError = TasksListAliasErrors[keyof TasksListAliasErrors];

export type TasksListAliasResponses = {
  /**
   * Newest first.
   */
  200: {
    items: Array<{
      id: string;
      title: string;
      description: string | null;
      input: unknown;
      status: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
      live_run_id: string | null;
      last_run_id: string | null;
      created_at: string;
      updated_at: string;
      links: {
        self: string;
        events: string;
        activities: string;
        locks: string;
      };
    }>;
    next_cursor: string | null;
  };
};

export type TasksListAliasResponse = TasksListAliasResponses[keyof TasksListAliasResponses];

export type TasksCreateAliasData = {
  body: {
    title: string;
    description?: string;
    input?: unknown;
  };
  headers?: {
    'Idempotency-Key'?: string;
  };
  path?: never;
  query?: never;
  url: '/api/tasks';
};

export type TasksCreateAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksCreateAliasError = TasksCreateAliasErrors[keyof TasksCreateAliasErrors];

export type TasksCreateAliasResponses = {
  /**
   * The task is kept.
   */
  201: {
    id: string;
    title: string;
    description: string | null;
    input: unknown;
    status: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
    live_run_id: string | null;
    last_run_id: string | null;
    created_at: string;
    updated_at: string;
    links: {
      self: string;
      events: string;
      activities: string;
      locks: string;
    };
  };
};

export type TasksCreateAliasResponse = TasksCreateAliasResponses[keyof TasksCreateAliasResponses];

export type TasksFindData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/tasks/{id}';
};

export type TasksFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksFindError = TasksFindErrors[keyof TasksFindErrors];

export type TasksFindResponses = {
  /**
   * The task with its live run, or else its last.
   */
  200: {
    id: string;
    title: string;
    description: string | null;
    input: unknown;
    status: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
    live_run_id: string | null;
    last_run_id: string | null;
    created_at: string;
    updated_at: string;
    links: {
      self: string;
      events: string;
      activities: string;
      locks: string;
    };
    run: {
      id: string;
      task_id: string | null;
      workflow: {
        id: string;
        name: string;
        version: number;
        digest: string;
      };
      /**
       * The run that it forks.
       */
      forked_from: string | null;
      /**
       * The run that waits for it, and its place among the children of the node.
       */
      parent: {
        run_id: string;
        node_id: string;
        index: number;
        depth: number;
      } | null;
      /**
       * The run that goes on in it.
       */
      continued_from: string | null;
      status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
      priority: 'high' | 'normal' | 'low';
      /**
       * The number of its last patch; 0: its definition is as submitted.
       */
      revision: number;
      /**
       * The last journaled sequence number.
       */
      seq: number;
      /**
       * Rises by one with each claim.
       */
      epoch: number;
      worker_id: string | null;
      wake_at: string | null;
      created_at: string;
      started_at: string | null;
      finished_at: string | null;
      links: {
        run: string;
        events: string;
        journal: string;
        task?: string;
      };
      input: unknown;
      output: unknown;
      error: {
        code: string;
        message: string;
        retryable?: boolean;
        retry_after_ms?: number;
        details?: {
          [key: string]: unknown;
        };
      } | null;
      /**
       * The run in which it goes on.
       */
      continued_as: string | null;
    } | null;
  };
};

export type TasksFindResponse = TasksFindResponses[keyof TasksFindResponses];

export type TasksFindAliasData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/tasks/{id}';
};

export type TasksFindAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksFindAliasError = TasksFindAliasErrors[keyof TasksFindAliasErrors];

export type TasksFindAliasResponses = {
  /**
   * The task with its live run, or else its last.
   */
  200: {
    id: string;
    title: string;
    description: string | null;
    input: unknown;
    status: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
    live_run_id: string | null;
    last_run_id: string | null;
    created_at: string;
    updated_at: string;
    links: {
      self: string;
      events: string;
      activities: string;
      locks: string;
    };
    run: {
      id: string;
      task_id: string | null;
      workflow: {
        id: string;
        name: string;
        version: number;
        digest: string;
      };
      /**
       * The run that it forks.
       */
      forked_from: string | null;
      /**
       * The run that waits for it, and its place among the children of the node.
       */
      parent: {
        run_id: string;
        node_id: string;
        index: number;
        depth: number;
      } | null;
      /**
       * The run that goes on in it.
       */
      continued_from: string | null;
      status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
      priority: 'high' | 'normal' | 'low';
      /**
       * The number of its last patch; 0: its definition is as submitted.
       */
      revision: number;
      /**
       * The last journaled sequence number.
       */
      seq: number;
      /**
       * Rises by one with each claim.
       */
      epoch: number;
      worker_id: string | null;
      wake_at: string | null;
      created_at: string;
      started_at: string | null;
      finished_at: string | null;
      links: {
        run: string;
        events: string;
        journal: string;
        task?: string;
      };
      input: unknown;
      output: unknown;
      error: {
        code: string;
        message: string;
        retryable?: boolean;
        retry_after_ms?: number;
        details?: {
          [key: string]: unknown;
        };
      } | null;
      /**
       * The run in which it goes on.
       */
      continued_as: string | null;
    } | null;
  };
};

export type TasksFindAliasResponse = TasksFindAliasResponses[keyof TasksFindAliasResponses];

export type TasksLocksData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/tasks/{id}/locks';
};

export type TasksLocksErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksLocksError = TasksLocksErrors[keyof TasksLocksErrors];

export type TasksLocksResponses = {
  /**
   * The history of the task’s lock, newest first.
   */
  200: {
    items: Array<{
      task_id: string;
      run_id: string | null;
      operation: 'submit' | 'advance';
      event: 'acquired' | 'conflict';
      method: 'redis' | 'memory' | 'sql' | 'upfront';
      holder: string;
      token_len: number;
      at: string;
    }>;
  };
};

export type TasksLocksResponse = TasksLocksResponses[keyof TasksLocksResponses];

export type TasksLocksAliasData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/tasks/{id}/locks';
};

export type TasksLocksAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksLocksAliasError = TasksLocksAliasErrors[keyof TasksLocksAliasErrors];

export type TasksLocksAliasResponses = {
  /**
   * The history of the task’s lock, newest first.
   */
  200: {
    items: Array<{
      task_id: string;
      run_id: string | null;
      operation: 'submit' | 'advance';
      event: 'acquired' | 'conflict';
      method: 'redis' | 'memory' | 'sql' | 'upfront';
      holder: string;
      token_len: number;
      at: string;
    }>;
  };
};

export type TasksLocksAliasResponse = TasksLocksAliasResponses[keyof TasksLocksAliasResponses];

export type TasksActivitiesData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    after?: string;
    limit?: number;
  };
  url: '/api/v1/tasks/{id}/activities';
};

export type TasksActivitiesErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksActivitiesError = TasksActivitiesErrors[keyof TasksActivitiesErrors];

export type TasksActivitiesResponses = {
  /**
   * The journals of its runs, oldest first.
   */
  200: {
    items: Array<{
      run_id: string;
      seq: number;
      epoch: number;
      type: string;
      node_id: string | null;
      visit: number;
      attempt: number;
      at: string;
      payload: {
        [key: string]: unknown;
      };
    }>;
    next_after: string | null;
  };
};

export type TasksActivitiesResponse = TasksActivitiesResponses[keyof TasksActivitiesResponses];

export type TasksActivitiesAliasData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    after?: string;
    limit?: number;
  };
  url: '/api/tasks/{id}/activities';
};

export type TasksActivitiesAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TasksActivitiesAliasError = TasksActivitiesAliasErrors[keyof TasksActivitiesAliasErrors];

export type TasksActivitiesAliasResponses = {
  /**
   * The journals of its runs, oldest first.
   */
  200: {
    items: Array<{
      run_id: string;
      seq: number;
      epoch: number;
      type: string;
      node_id: string | null;
      visit: number;
      attempt: number;
      at: string;
      payload: {
        [key: string]: unknown;
      };
    }>;
    next_after: string | null;
  };
};

export type TasksActivitiesAliasResponse = TasksActivitiesAliasResponses[keyof TasksActivitiesAliasResponses];

export type TaskRunsRunAgentsData = {
  body: {
    id: string | number;
    /**
     * Asks this instead of the title of the task, this once.
     */
    title?: string;
    /**
     * Tells it more than the task does, this once.
     */
    description?: string | null;
    input?: unknown;
    /**
     * `high` passes the others of its tenant, `low` lets many of them pass; `normal` when absent.
     */
    priority?: 'high' | 'normal' | 'low';
    /**
     * Lowers the budget of the run; it never raises it.
     */
    budget?: {
      /**
       * Of prompts and answers together.
       */
      tokens?: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros?: number;
      model_calls?: number;
      /**
       * Seconds that the run may be in work; parked time is not counted.
       */
      wall_time?: number;
      /**
       * Agents that it may add to itself.
       */
      agents_added?: number;
      /**
       * How deep its child runs may stand.
       */
      depth?: number;
    };
    /**
     * As a task has it that was read: not looked at.
     */
    status?: unknown;
    /**
     * As a task has it that was read: not looked at.
     */
    live_run_id?: unknown;
    /**
     * As a task has it that was read: not looked at.
     */
    last_run_id?: unknown;
    /**
     * As a task has it that was read: not looked at.
     */
    run?: unknown;
    /**
     * As a task has it that was read: not looked at.
     */
    created_at?: unknown;
    /**
     * As a task has it that was read: not looked at.
     */
    updated_at?: unknown;
    /**
     * As a task has it that was read: not looked at.
     */
    links?: unknown;
  };
  headers?: {
    'Idempotency-Key'?: string;
    /**
     * `wait=N`: answer with the result if the run ends in N seconds.
     */
    Prefer?: string;
  };
  path?: never;
  query?: never;
  url: '/run-agents';
};

export type TaskRunsRunAgentsErrors = {
  /**
   * The task has a live run: `live_run_id`.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TaskRunsRunAgentsError = TaskRunsRunAgentsErrors[keyof TaskRunsRunAgentsErrors];

export type TaskRunsRunAgentsResponses = {
  /**
   * With `Prefer: wait=N`: the run has ended.
   */
  200: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    output: unknown;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
  };
  /**
   * Accepted: the run is durable.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
  };
};

export type TaskRunsRunAgentsResponse = TaskRunsRunAgentsResponses[keyof TaskRunsRunAgentsResponses];

export type TaskRunsStartRunData = {
  body?: {
    /**
     * Asks this instead of the title of the task, this once.
     */
    title?: string;
    /**
     * Tells it more than the task does, this once.
     */
    description?: string | null;
    input?: unknown;
    /**
     * `high` passes the others of its tenant, `low` lets many of them pass; `normal` when absent.
     */
    priority?: 'high' | 'normal' | 'low';
    /**
     * Lowers the budget of the run; it never raises it.
     */
    budget?: {
      /**
       * Of prompts and answers together.
       */
      tokens?: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros?: number;
      model_calls?: number;
      /**
       * Seconds that the run may be in work; parked time is not counted.
       */
      wall_time?: number;
      /**
       * Agents that it may add to itself.
       */
      agents_added?: number;
      /**
       * How deep its child runs may stand.
       */
      depth?: number;
    };
  };
  headers?: {
    'Idempotency-Key'?: string;
    /**
     * `wait=N`: answer with the result if the run ends in N seconds.
     */
    Prefer?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/tasks/{id}/runs';
};

export type TaskRunsStartRunErrors = {
  /**
   * The task has a live run: `live_run_id`.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TaskRunsStartRunError = TaskRunsStartRunErrors[keyof TaskRunsStartRunErrors];

export type TaskRunsStartRunResponses = {
  /**
   * With `Prefer: wait=N`: the run has ended.
   */
  200: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    output: unknown;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
  };
  /**
   * Accepted: the run is durable.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
  };
};

export type TaskRunsStartRunResponse = TaskRunsStartRunResponses[keyof TaskRunsStartRunResponses];

export type RunsListData = {
  body?: never;
  path?: never;
  query?: {
    task_id?: string;
    status?: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    /**
     * The children of this run.
     */
    parent_id?: string;
    /**
     * Its id or name.
     */
    workflow?: string;
    /**
     * Runs whose ids begin so.
     */
    id_prefix?: string;
    created_after?: string;
    created_before?: string;
    /**
     * Says of each run that has not ended why it does not move, and of each that has failed why it did.
     */
    why?: 'true' | 'false';
    limit?: number;
    cursor?: string;
  };
  url: '/api/v1/runs';
};

export type RunsListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunsListError = RunsListErrors[keyof RunsListErrors];

export type RunsListResponses = {
  /**
   * Newest first.
   */
  200: {
    items: Array<{
      id: string;
      task_id: string | null;
      workflow: {
        id: string;
        name: string;
        version: number;
        digest: string;
      };
      /**
       * The run that it forks.
       */
      forked_from: string | null;
      /**
       * The run that waits for it, and its place among the children of the node.
       */
      parent: {
        run_id: string;
        node_id: string;
        index: number;
        depth: number;
      } | null;
      /**
       * The run that goes on in it.
       */
      continued_from: string | null;
      status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
      priority: 'high' | 'normal' | 'low';
      /**
       * The number of its last patch; 0: its definition is as submitted.
       */
      revision: number;
      /**
       * The last journaled sequence number.
       */
      seq: number;
      /**
       * Rises by one with each claim.
       */
      epoch: number;
      worker_id: string | null;
      wake_at: string | null;
      created_at: string;
      started_at: string | null;
      finished_at: string | null;
      links: {
        run: string;
        events: string;
        journal: string;
        task?: string;
      };
      /**
       * With `why=true`, of runs that have not ended.
       */
      why?: {
        code:
          | 'ended'
          | 'running'
          | 'compensating'
          | 'paused'
          | 'pausing'
          | 'cancelling'
          | 'patching'
          | 'no_worker'
          | 'no_worker_for_type'
          | 'workers_busy'
          | 'dispatching'
          | 'holder_dead'
          | 'holder_silent'
          | 'waiting_for_approval'
          | 'waiting_for_event'
          | 'waiting_for_child'
          | 'waiting_for_retry'
          | 'waiting_for_time'
          | 'waiting_for_budget'
          | 'deciding'
          | 'circuit_open'
          | 'rate_limited'
          | 'at_limit'
          | 'waiting_for_pool'
          | 'no_worker_for_pool';
        sentence: string;
        since: string;
        /**
         * When it changes by itself.
         */
        until?: string;
        node_id?: string;
        approval_id?: string;
        event?: string;
        /**
         * What is not called for the time being.
         */
        target?: string;
        child_run_id?: string;
        child_status?: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
        node_type?: string;
        pool?: string;
        worker_id?: string;
        /**
         * Whose limit on live runs is reached.
         */
        limit?: string;
        attempt?: number;
        of?: number;
        /**
         * How many more nodes; for `workers_busy` and a queue of a pool, jobs; for `at_limit`, runs that stand before it.
         */
        others?: number;
      };
      /**
       * With `why=true`, of runs that have failed; the beginning of its message.
       */
      error?: {
        code: string;
        message: string;
      };
    }>;
    next_cursor: string | null;
  };
};

export type RunsListResponse = RunsListResponses[keyof RunsListResponses];

export type RunsStartData = {
  body: {
    workflow: string;
    input?: unknown;
    /**
     * `high` passes the others of its tenant, `low` lets many of them pass; `normal` when absent.
     */
    priority?: 'high' | 'normal' | 'low';
    /**
     * Lowers the budget of the run; it never raises it.
     */
    budget?: {
      /**
       * Of prompts and answers together.
       */
      tokens?: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros?: number;
      model_calls?: number;
      /**
       * Seconds that the run may be in work; parked time is not counted.
       */
      wall_time?: number;
      /**
       * Agents that it may add to itself.
       */
      agents_added?: number;
      /**
       * How deep its child runs may stand.
       */
      depth?: number;
    };
  };
  headers?: {
    /**
     * `wait=N`: answer with the result if the run ends in N seconds.
     */
    Prefer?: string;
    'Idempotency-Key'?: string;
  };
  path?: never;
  query?: never;
  url: '/api/v1/runs';
};

export type RunsStartErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunsStartError = RunsStartErrors[keyof RunsStartErrors];

export type RunsStartResponses = {
  /**
   * With `Prefer: wait=N`: the run has ended.
   */
  200: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    output: unknown;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
  };
  /**
   * Accepted: a run that belongs to no task.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
  };
};

export type RunsStartResponse = RunsStartResponses[keyof RunsStartResponses];

export type RunsRemoveData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}';
};

export type RunsRemoveErrors = {
  /**
   * There is no such run.
   */
  404: unknown;
  /**
   * It, one below it or its parent has not ended: cancel it first. Or its dead letter is open.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunsRemoveError = RunsRemoveErrors[keyof RunsRemoveErrors];

export type RunsRemoveResponses = {
  /**
   * There is no such run any more, nor those below it; what they have used stays in the sums.
   */
  204: void;
};

export type RunsRemoveResponse = RunsRemoveResponses[keyof RunsRemoveResponses];

export type RunsFindData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    /**
     * `true`: large inputs and outputs themselves, instead of references `{"$blob": …}` to them.
     */
    values?: 'true' | 'false';
  };
  url: '/api/v1/runs/{id}';
};

export type RunsFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunsFindError = RunsFindErrors[keyof RunsFindErrors];

export type RunsFindResponses = {
  /**
   * How the run stands and why; its result once it has ended.
   */
  200: {
    id: string;
    task_id: string | null;
    workflow: {
      id: string;
      name: string;
      version: number;
      digest: string;
    };
    /**
     * The run that it forks.
     */
    forked_from: string | null;
    /**
     * The run that waits for it, and its place among the children of the node.
     */
    parent: {
      run_id: string;
      node_id: string;
      index: number;
      depth: number;
    } | null;
    /**
     * The run that goes on in it.
     */
    continued_from: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    priority: 'high' | 'normal' | 'low';
    /**
     * The number of its last patch; 0: its definition is as submitted.
     */
    revision: number;
    /**
     * The last journaled sequence number.
     */
    seq: number;
    /**
     * Rises by one with each claim.
     */
    epoch: number;
    worker_id: string | null;
    wake_at: string | null;
    created_at: string;
    started_at: string | null;
    finished_at: string | null;
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    input: unknown;
    output: unknown;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
    /**
     * The run in which it goes on.
     */
    continued_as: string | null;
    phase: 'queued' | 'executing' | 'waiting' | 'paused' | 'compensating' | 'ended';
    progress: {
      total: number;
      settled: number;
      by_status: {
        [key: string]: number;
      };
      /**
       * Agents that stand in a tier of their workflow.
       */
      tiers: Array<{
        tier: string;
        total: number;
        settled: number;
      }>;
    };
    agents: Array<{
      node_id: string;
      /**
       * The name of the agent, or its role.
       */
      agent: string | null;
      /**
       * Where it stands among the agents of its workflow.
       */
      tier?: string;
      status: string;
      attempt: number;
      /**
       * What it has used of models, in all visits.
       */
      usage?: {
        model_calls: number;
        prompt_tokens: number;
        completion_tokens: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros: number;
      };
    }>;
    metrics: {
      /**
       * From the acceptance to the first claim.
       */
      queued_ms: number | null;
      /**
       * From the first claim to the end, or to now; parked time included.
       */
      duration_ms: number | null;
      attempts: number;
      failed_attempts: number;
      claims: number;
      events: number;
    };
    /**
     * What its own steps have used of models: without its children, and without what a run that it forks has paid.
     */
    usage: {
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
    };
    time_limit: {
      limit_ms: number;
      used_ms: number;
      /**
       * When it is used up; null while nobody is at work.
       */
      until: string | null;
    };
    /**
     * Null: nothing limits it.
     */
    budget: {
      amounts: Array<{
        /**
         * `cost_micros`: millionths of money; `wall_time`: seconds in work.
         */
        amount: 'tokens' | 'cost_micros' | 'model_calls' | 'wall_time';
        /**
         * With what was granted.
         */
        limit: number;
        used: number;
        left: number;
        granted: number;
      }>;
      on_budget: 'ask' | 'fail';
      /**
       * What it has asked for and waits for.
       */
      asking: {
        approval_id: string;
        scope: 'run' | 'tree' | 'tenant';
        since: string;
        until: string | null;
      } | null;
    } | null;
    fork: {
      run_id: string;
      seq: number;
      nodes: Array<string>;
    } | null;
    why: {
      code:
        | 'ended'
        | 'running'
        | 'compensating'
        | 'paused'
        | 'pausing'
        | 'cancelling'
        | 'patching'
        | 'no_worker'
        | 'no_worker_for_type'
        | 'workers_busy'
        | 'dispatching'
        | 'holder_dead'
        | 'holder_silent'
        | 'waiting_for_approval'
        | 'waiting_for_event'
        | 'waiting_for_child'
        | 'waiting_for_retry'
        | 'waiting_for_time'
        | 'waiting_for_budget'
        | 'deciding'
        | 'circuit_open'
        | 'rate_limited'
        | 'at_limit'
        | 'waiting_for_pool'
        | 'no_worker_for_pool';
      sentence: string;
      since: string;
      /**
       * When it changes by itself.
       */
      until?: string;
      node_id?: string;
      approval_id?: string;
      event?: string;
      /**
       * What is not called for the time being.
       */
      target?: string;
      child_run_id?: string;
      child_status?: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
      node_type?: string;
      pool?: string;
      worker_id?: string;
      /**
       * Whose limit on live runs is reached.
       */
      limit?: string;
      attempt?: number;
      of?: number;
      /**
       * How many more nodes; for `workers_busy` and a queue of a pool, jobs; for `at_limit`, runs that stand before it.
       */
      others?: number;
    };
  };
};

export type RunsFindResponse = RunsFindResponses[keyof RunsFindResponses];

export type RunsJournalData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    after?: number;
    limit?: number;
  };
  url: '/api/v1/runs/{id}/journal';
};

export type RunsJournalErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunsJournalError = RunsJournalErrors[keyof RunsJournalErrors];

export type RunsJournalResponses = {
  /**
   * Its events in order.
   */
  200: {
    items: Array<{
      run_id: string;
      seq: number;
      epoch: number;
      type: string;
      node_id: string | null;
      visit: number;
      attempt: number;
      at: string;
      payload: {
        [key: string]: unknown;
      };
    }>;
    next_after: number | null;
  };
};

export type RunsJournalResponse = RunsJournalResponses[keyof RunsJournalResponses];

export type RunsCancelData = {
  body?: {
    reason?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/cancel';
};

export type RunsCancelErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunsCancelError = RunsCancelErrors[keyof RunsCancelErrors];

export type RunsCancelResponses = {
  /**
   * The run as it ended.
   */
  200: {
    id: string;
    task_id: string | null;
    workflow: {
      id: string;
      name: string;
      version: number;
      digest: string;
    };
    /**
     * The run that it forks.
     */
    forked_from: string | null;
    /**
     * The run that waits for it, and its place among the children of the node.
     */
    parent: {
      run_id: string;
      node_id: string;
      index: number;
      depth: number;
    } | null;
    /**
     * The run that goes on in it.
     */
    continued_from: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    priority: 'high' | 'normal' | 'low';
    /**
     * The number of its last patch; 0: its definition is as submitted.
     */
    revision: number;
    /**
     * The last journaled sequence number.
     */
    seq: number;
    /**
     * Rises by one with each claim.
     */
    epoch: number;
    worker_id: string | null;
    wake_at: string | null;
    created_at: string;
    started_at: string | null;
    finished_at: string | null;
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    input: unknown;
    output: unknown;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
    /**
     * The run in which it goes on.
     */
    continued_as: string | null;
  };
  /**
   * The run is told; it has not ended yet.
   */
  202: {
    id: string;
    task_id: string | null;
    workflow: {
      id: string;
      name: string;
      version: number;
      digest: string;
    };
    /**
     * The run that it forks.
     */
    forked_from: string | null;
    /**
     * The run that waits for it, and its place among the children of the node.
     */
    parent: {
      run_id: string;
      node_id: string;
      index: number;
      depth: number;
    } | null;
    /**
     * The run that goes on in it.
     */
    continued_from: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    priority: 'high' | 'normal' | 'low';
    /**
     * The number of its last patch; 0: its definition is as submitted.
     */
    revision: number;
    /**
     * The last journaled sequence number.
     */
    seq: number;
    /**
     * Rises by one with each claim.
     */
    epoch: number;
    worker_id: string | null;
    wake_at: string | null;
    created_at: string;
    started_at: string | null;
    finished_at: string | null;
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    input: unknown;
    output: unknown;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
    /**
     * The run in which it goes on.
     */
    continued_as: string | null;
  };
};

export type RunsCancelResponse = RunsCancelResponses[keyof RunsCancelResponses];

export type RunLogsReadData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    /**
     * Only lines of this node.
     */
    node?: string;
    /**
     * Only lines as serious as this, or more.
     */
    level?: 'debug' | 'info' | 'warn' | 'error';
    /**
     * Goes on after the line of this number.
     */
    after?: number;
    limit?: number;
  };
  url: '/api/v1/runs/{id}/logs';
};

export type RunLogsReadErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunLogsReadError = RunLogsReadErrors[keyof RunLogsReadErrors];

export type RunLogsReadResponses = {
  /**
   * In the order of their numbers. Workers write side by side: lines may still come before those of the last seconds. To follow a live run, ask again after a line that was there 6 seconds before the last look, and leave out the numbers that are known.
   */
  200: {
    items: Array<{
      /**
       * Lines have rising numbers, with gaps.
       */
      n: number;
      at: string;
      level: 'debug' | 'info' | 'warn' | 'error';
      node_id: string;
      visit: number;
      attempt: number;
      message: string;
      fields: {
        [key: string]: unknown;
      } | null;
    }>;
    /**
     * Null: there are no more lines by now.
     */
    next_after: number | null;
  };
};

export type RunLogsReadResponse = RunLogsReadResponses[keyof RunLogsReadResponses];

export type RunBatchStartData = {
  body: {
    runs: Array<{
      workflow: string;
      input?: unknown;
      /**
       * `high` passes the others of its tenant, `low` lets many of them pass; `normal` when absent.
       */
      priority?: 'high' | 'normal' | 'low';
      /**
       * Lowers the budget of the run; it never raises it.
       */
      budget?: {
        /**
         * Of prompts and answers together.
         */
        tokens?: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros?: number;
        model_calls?: number;
        /**
         * Seconds that the run may be in work; parked time is not counted.
         */
        wall_time?: number;
        /**
         * Agents that it may add to itself.
         */
        agents_added?: number;
        /**
         * How deep its child runs may stand.
         */
        depth?: number;
      };
      idempotency_key?: string;
    }>;
  };
  headers?: {
    /**
     * Of each run without a key of its own, with its place.
     */
    'Idempotency-Key'?: string;
  };
  path?: never;
  query?: never;
  url: '/api/v1/runs/batch';
};

export type RunBatchStartErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunBatchStartError = RunBatchStartErrors[keyof RunBatchStartErrors];

export type RunBatchStartResponses = {
  /**
   * Which are accepted, and are durable, and which are not.
   */
  202: {
    accepted: Array<{
      /**
       * The place in the request, from 0.
       */
      index: number;
      run_id: string;
    }>;
    refused: Array<{
      /**
       * The place in the request, from 0.
       */
      index: number;
      code: string;
      detail: string;
      /**
       * Try again then; without it, trying again does not help.
       */
      retry_after_seconds?: number;
    }>;
  };
};

export type RunBatchStartResponse = RunBatchStartResponses[keyof RunBatchStartResponses];

export type RunControlBulkData = {
  body: {
    action: 'pause' | 'resume' | 'cancel' | 'retry';
    filter?: {
      status?: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
      /**
       * Its id or name.
       */
      workflow?: string;
      task_id?: string;
      /**
       * Runs with a node that goes to this pool, done or not.
       */
      pool?: string;
      /**
       * These runs, whatever their states, each with an answer of its own. It stands alone.
       */
      run_ids?: Array<string>;
    };
    limit?: number;
    reason?: string;
  };
  path?: never;
  query?: never;
  url: '/api/v1/runs/bulk';
};

export type RunControlBulkErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunControlBulkError = RunControlBulkErrors[keyof RunControlBulkErrors];

export type RunControlBulkResponses = {
  /**
   * Which runs were told, and which refuse.
   */
  200: {
    done: Array<{
      run_id: string;
      new_run_id?: string;
    }>;
    refused: Array<{
      run_id: string;
      code: string;
      detail: string;
    }>;
    /**
     * More runs fit the filter than the limit allows, or more would have to be looked through.
     */
    more: boolean;
  };
};

export type RunControlBulkResponse = RunControlBulkResponses[keyof RunControlBulkResponses];

export type RunControlPauseData = {
  body?: {
    reason?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/pause';
};

export type RunControlPauseErrors = {
  /**
   * It has ended, or is being undone.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunControlPauseError = RunControlPauseErrors[keyof RunControlPauseErrors];

export type RunControlPauseResponses = {
  /**
   * The run stands.
   */
  200: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    /**
     * Null while the run does not stand yet.
     */
    checkpoint_id: string | null;
    checkpoint_seq: number | null;
    resume_url: string;
  };
  /**
   * The run is told; it does not stand yet.
   */
  202: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    /**
     * Null while the run does not stand yet.
     */
    checkpoint_id: string | null;
    checkpoint_seq: number | null;
    resume_url: string;
  };
};

export type RunControlPauseResponse = RunControlPauseResponses[keyof RunControlPauseResponses];

export type RunControlResumeData = {
  body?: {
    reason?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/resume';
};

export type RunControlResumeErrors = {
  /**
   * It has ended, or is not paused.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunControlResumeError = RunControlResumeErrors[keyof RunControlResumeErrors];

export type RunControlResumeResponses = {
  /**
   * The run goes on.
   */
  200: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
  };
  /**
   * The run is told; it does not go on yet.
   */
  202: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
  };
};

export type RunControlResumeResponse = RunControlResumeResponses[keyof RunControlResumeResponses];

export type EventsRunData = {
  body?: never;
  headers?: {
    /**
     * `<run_id>.<seq>`: go on after this event.
     */
    'Last-Event-ID'?: string;
  };
  path: {
    id: string;
  };
  query?: {
    last_event_id?: string;
    /**
     * `orchestration`: only what orchestration clients know, under their names.
     */
    format?: 'journal' | 'orchestration';
    /**
     * Also sends answers of models while they come, as events of the type `token` without an id.
     */
    tokens?: 'true' | 'false';
  };
  url: '/api/v1/runs/{id}/events';
};

export type EventsRunErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type EventsRunError = EventsRunErrors[keyof EventsRunErrors];

export type EventsRunResponses = {
  /**
   * Events from the journal, each once and in order.
   */
  200: string;
};

export type EventsRunResponse = EventsRunResponses[keyof EventsRunResponses];

export type RunControlSendEventData = {
  body: {
    name: string;
    payload?: unknown;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/events';
};

export type RunControlSendEventErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunControlSendEventError = RunControlSendEventErrors[keyof RunControlSendEventErrors];

export type RunControlSendEventResponses = {
  /**
   * For the node that waits for it, or the first that will.
   */
  202: {
    run_id: string;
    signal_id: number;
    name: string;
  };
};

export type RunControlSendEventResponse = RunControlSendEventResponses[keyof RunControlSendEventResponses];

export type RunControlForkData = {
  body: {
    /**
     * Runs anew, with everything that depends on it.
     */
    from_node: string;
    /**
     * The new run's input; without it, that of the old run.
     */
    input?: unknown;
    /**
     * For the new run alone: an object, or YAML as text.
     */
    definition?: unknown;
  };
  headers?: {
    'Idempotency-Key'?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/fork';
};

export type RunControlForkErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunControlForkError = RunControlForkErrors[keyof RunControlForkErrors];

export type RunControlForkResponses = {
  /**
   * A new run that keeps what does not depend on the node.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    forked_from: string;
    /**
     * Nodes whose outcome is taken over.
     */
    kept_nodes: number;
    total_nodes: number;
  };
};

export type RunControlForkResponse = RunControlForkResponses[keyof RunControlForkResponses];

export type RunControlRetryData = {
  body?: never;
  headers?: {
    'Idempotency-Key'?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/retry';
};

export type RunControlRetryErrors = {
  /**
   * It has not ended, or nothing of it has failed.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunControlRetryError = RunControlRetryErrors[keyof RunControlRetryErrors];

export type RunControlRetryResponses = {
  /**
   * A fork from what failed.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    forked_from: string;
    /**
     * Nodes whose outcome is taken over.
     */
    kept_nodes: number;
    total_nodes: number;
  };
};

export type RunControlRetryResponse = RunControlRetryResponses[keyof RunControlRetryResponses];

export type RunControlWhyData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/why';
};

export type RunControlWhyErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunControlWhyError = RunControlWhyErrors[keyof RunControlWhyErrors];

export type RunControlWhyResponses = {
  /**
   * Why the run does not move, in one sentence.
   */
  200: {
    code:
      | 'ended'
      | 'running'
      | 'compensating'
      | 'paused'
      | 'pausing'
      | 'cancelling'
      | 'patching'
      | 'no_worker'
      | 'no_worker_for_type'
      | 'workers_busy'
      | 'dispatching'
      | 'holder_dead'
      | 'holder_silent'
      | 'waiting_for_approval'
      | 'waiting_for_event'
      | 'waiting_for_child'
      | 'waiting_for_retry'
      | 'waiting_for_time'
      | 'waiting_for_budget'
      | 'deciding'
      | 'circuit_open'
      | 'rate_limited'
      | 'at_limit'
      | 'waiting_for_pool'
      | 'no_worker_for_pool';
    sentence: string;
    since: string;
    /**
     * When it changes by itself.
     */
    until?: string;
    node_id?: string;
    approval_id?: string;
    event?: string;
    /**
     * What is not called for the time being.
     */
    target?: string;
    child_run_id?: string;
    child_status?: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    node_type?: string;
    pool?: string;
    worker_id?: string;
    /**
     * Whose limit on live runs is reached.
     */
    limit?: string;
    attempt?: number;
    of?: number;
    /**
     * How many more nodes; for `workers_busy` and a queue of a pool, jobs; for `at_limit`, runs that stand before it.
     */
    others?: number;
  };
};

export type RunControlWhyResponse = RunControlWhyResponses[keyof RunControlWhyResponses];

export type RunControlTimelineData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    /**
     * `next_after` of the page before.
     */
    after?: number;
    limit?: number;
    /**
     * Only this node.
     */
    node?: string;
  };
  url: '/api/v1/runs/{id}/timeline';
};

export type RunControlTimelineErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RunControlTimelineError = RunControlTimelineErrors[keyof RunControlTimelineErrors];

export type RunControlTimelineResponses = {
  /**
   * What happened to each node, and when.
   */
  200: {
    run_id: string;
    items: Array<{
      id: string;
      type: string;
      status: string;
      /**
       * Why it was skipped.
       */
      skipped: string | null;
      input: {
        /**
         * Where `truncated`: the beginning of its text.
         */
        value: unknown;
        bytes: number;
        truncated: boolean;
      } | null;
      visits: Array<{
        visit: number;
        started_at: string | null;
        ended_at: string | null;
        duration_ms: number | null;
        output: {
          /**
           * Where `truncated`: the beginning of its text.
           */
          value: unknown;
          bytes: number;
          truncated: boolean;
        } | null;
        attempts: Array<{
          attempt: number;
          /**
           * The pool that it went to; the time there is waiting and work.
           */
          pool: string | null;
          started_at: string;
          ended_at: string | null;
          duration_ms: number | null;
          /**
           * Null: in work. `lost`: its worker died or let go.
           */
          outcome: 'completed' | 'repeated' | 'failed' | 'suspended' | 'skipped' | 'interrupted' | 'lost' | null;
          error: {
            code: string;
            message: string;
            retryable?: boolean;
            retry_after_ms?: number;
            details?: {
              [key: string]: unknown;
            };
          } | null;
          retry_at: string | null;
        }>;
        waits: Array<{
          key: string;
          awaits: {
            [key: string]: string | number;
          };
          reason: string;
          since: string;
          until: string | null;
          ended_at: string | null;
          ended_by: 'signal' | 'timeout' | null;
        }>;
        steps: Array<{
          key: string;
          attempt: number;
          at: string;
          output: {
            /**
             * Where `truncated`: the beginning of its text.
             */
            value: unknown;
            bytes: number;
            truncated: boolean;
          };
          /**
           * What it has used of a model, if it has called one.
           */
          usage?: {
            model_calls: number;
            prompt_tokens: number;
            completion_tokens: number;
            /**
             * Millionths of the currency of the price table.
             */
            cost_micros: number;
            model: string;
          };
        }>;
        steps_total: number;
      }>;
      visits_total: number;
      compensation: Array<{
        attempt: number;
        /**
         * The pool that it went to; the time there is waiting and work.
         */
        pool: string | null;
        started_at: string;
        ended_at: string | null;
        duration_ms: number | null;
        /**
         * Null: in work. `lost`: its worker died or let go.
         */
        outcome: 'completed' | 'repeated' | 'failed' | 'suspended' | 'skipped' | 'interrupted' | 'lost' | null;
        error: {
          code: string;
          message: string;
          retryable?: boolean;
          retry_after_ms?: number;
          details?: {
            [key: string]: unknown;
          };
        } | null;
        retry_at: string | null;
      }>;
      /**
       * What its steps have used of models, in all visits.
       */
      usage?: {
        model_calls: number;
        prompt_tokens: number;
        completion_tokens: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros: number;
      };
    }>;
    next_after: number | null;
  };
};

export type RunControlTimelineResponse = RunControlTimelineResponses[keyof RunControlTimelineResponses];

export type ResultsResultData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/result';
};

export type ResultsResultErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ResultsResultError = ResultsResultErrors[keyof ResultsResultErrors];

export type ResultsResultResponses = {
  200: {
    task_id: string | null;
    run_id: string;
    title: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    agent_results: Array<{
      /**
       * The node.
       */
      agent_id: string;
      agent: string;
      tier: string | null;
      status: string;
      /**
       * What it said.
       */
      content: string | null;
      citations: Array<Schema0>;
      /**
       * Seconds.
       */
      execution_time: number;
      /**
       * In the currency of the price table.
       */
      cost: number;
      usage: {
        model_calls: number;
        prompt_tokens: number;
        completion_tokens: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros: number;
      };
      error: Schema1 | null;
    }>;
    synthesis_results: Array<{
      /**
       * The node.
       */
      agent_id: string;
      agent: string;
      tier: string | null;
      status: string;
      /**
       * What it said.
       */
      content: string | null;
      citations: Array<Schema0>;
      /**
       * Seconds.
       */
      execution_time: number;
      /**
       * In the currency of the price table.
       */
      cost: number;
      usage: {
        model_calls: number;
        prompt_tokens: number;
        completion_tokens: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros: number;
      };
      error: Schema1 | null;
    }>;
    final_synthesis: string | null;
    citations: Array<Schema2>;
    /**
     * Seconds since it started; null: it has not.
     */
    execution_time: number | null;
    /**
     * In the currency of the price table.
     */
    total_cost: number;
    usage: {
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
    };
    metadata: {
      workflow: string;
      version: number;
      started_at: string | null;
      finished_at: string | null;
    };
    generated_documents: Array<{
      id: string;
      run_id: string;
      /**
       * The node that has made it; null: it was made for the run as a whole.
       */
      node_id: string | null;
      name: string;
      media_type: string;
      sha256: string;
      bytes: number;
      created_at: string;
      links: {
        content: string;
        run: string;
      };
    }>;
    /**
     * Where each can be had.
     */
    artifacts: Array<string>;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
  };
};

export type ResultsResultResponse = ResultsResultResponses[keyof ResultsResultResponses];

export type PatchPatchData = {
  body: {
    /**
     * Operations of RFC 6902 on the definition; `/nodes/-` appends a node.
     */
    patch: unknown;
    /**
     * The revision that the patch was made for; without it, whichever the run has.
     */
    revision?: number;
    reason?: string;
    /**
     * Only say what it would make, and what stands against it.
     */
    dry_run?: boolean;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/patch';
};

export type PatchPatchErrors = {
  /**
   * Another revision, nodes that have started, or a run that has ended.
   */
  409: unknown;
  /**
   * Not valid, or more than a run may add to itself.
   */
  422: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatchPatchError = PatchPatchErrors[keyof PatchPatchErrors];

export type PatchPatchResponses = {
  /**
   * With `dry_run`: the diff, and what stands against it.
   */
  200: {
    run_id: string;
    dry_run: true;
    valid: boolean;
    /**
     * The revision that the patch was held against.
     */
    revision: number;
    /**
     * Null where the patch makes no definition.
     */
    diff: {
      nodes: {
        added: Array<string>;
        changed: Array<string>;
        removed: Array<string>;
      };
      edges: {
        added: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
        removed: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
      };
      /**
       * Fields of the workflow besides its nodes.
       */
      fields: Array<string>;
    } | null;
    problems: Array<{
      /**
       * A JSON pointer into what was sent, or into what it makes.
       */
      pointer: string;
      message: string;
      code?: string;
      remedy?: string;
      /**
       * Where in the text of an expression.
       */
      position?: {
        start: number;
        end: number;
      };
    }>;
    warnings: Array<{
      /**
       * A JSON pointer into what was sent, or into what it makes.
       */
      pointer: string;
      message: string;
      code?: string;
      remedy?: string;
      /**
       * Where in the text of an expression.
       */
      position?: {
        start: number;
        end: number;
      };
    }>;
  };
  /**
   * Accepted: the run takes it up at its next decision.
   */
  201: {
    run_id: string;
    revision: number;
    /**
     * Whether the run goes on with it; `waiting`: its next decision says so.
     */
    status: 'waiting' | 'applied' | 'refused';
    digest: string;
    previous_digest: string;
    patch: Array<unknown>;
    diff: {
      nodes: {
        added: Array<string>;
        changed: Array<string>;
        removed: Array<string>;
      };
      edges: {
        added: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
        removed: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
      };
      /**
       * Fields of the workflow besides its nodes.
       */
      fields: Array<string>;
    };
    /**
     * A caller, or `node:<id>`.
     */
    by: string;
    reason: string;
    at: string;
    answered_at: string | null;
    refusal: string | null;
  };
};

export type PatchPatchResponse = PatchPatchResponses[keyof PatchPatchResponses];

export type PatchPatchAliasData = {
  body: {
    /**
     * Operations of RFC 6902 on the definition; `/nodes/-` appends a node.
     */
    patch: unknown;
    /**
     * The revision that the patch was made for; without it, whichever the run has.
     */
    revision?: number;
    reason?: string;
    /**
     * Only say what it would make, and what stands against it.
     */
    dry_run?: boolean;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/runs/{id}/patch';
};

export type PatchPatchAliasErrors = {
  /**
   * Another revision, nodes that have started, or a run that has ended.
   */
  409: unknown;
  /**
   * Not valid, or more than a run may add to itself.
   */
  422: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatchPatchAliasError = PatchPatchAliasErrors[keyof PatchPatchAliasErrors];

export type PatchPatchAliasResponses = {
  /**
   * With `dry_run`: the diff, and what stands against it.
   */
  200: {
    run_id: string;
    dry_run: true;
    valid: boolean;
    /**
     * The revision that the patch was held against.
     */
    revision: number;
    /**
     * Null where the patch makes no definition.
     */
    diff: {
      nodes: {
        added: Array<string>;
        changed: Array<string>;
        removed: Array<string>;
      };
      edges: {
        added: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
        removed: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
      };
      /**
       * Fields of the workflow besides its nodes.
       */
      fields: Array<string>;
    } | null;
    problems: Array<{
      /**
       * A JSON pointer into what was sent, or into what it makes.
       */
      pointer: string;
      message: string;
      code?: string;
      remedy?: string;
      /**
       * Where in the text of an expression.
       */
      position?: {
        start: number;
        end: number;
      };
    }>;
    warnings: Array<{
      /**
       * A JSON pointer into what was sent, or into what it makes.
       */
      pointer: string;
      message: string;
      code?: string;
      remedy?: string;
      /**
       * Where in the text of an expression.
       */
      position?: {
        start: number;
        end: number;
      };
    }>;
  };
  /**
   * Accepted: the run takes it up at its next decision.
   */
  201: {
    run_id: string;
    revision: number;
    /**
     * Whether the run goes on with it; `waiting`: its next decision says so.
     */
    status: 'waiting' | 'applied' | 'refused';
    digest: string;
    previous_digest: string;
    patch: Array<unknown>;
    diff: {
      nodes: {
        added: Array<string>;
        changed: Array<string>;
        removed: Array<string>;
      };
      edges: {
        added: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
        removed: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
      };
      /**
       * Fields of the workflow besides its nodes.
       */
      fields: Array<string>;
    };
    /**
     * A caller, or `node:<id>`.
     */
    by: string;
    reason: string;
    at: string;
    answered_at: string | null;
    refusal: string | null;
  };
};

export type PatchPatchAliasResponse = PatchPatchAliasResponses[keyof PatchPatchAliasResponses];

export type PatchUndoData = {
  body: {
    /**
     * The revision to undo: the one that the run has.
     */
    revision: number;
    reason?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/patch/undo';
};

export type PatchUndoErrors = {
  /**
   * Another revision, something of it has started, or there is nothing to undo.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatchUndoError = PatchUndoErrors[keyof PatchUndoErrors];

export type PatchUndoResponses = {
  /**
   * A revision with the definition from before.
   */
  201: {
    run_id: string;
    revision: number;
    /**
     * Whether the run goes on with it; `waiting`: its next decision says so.
     */
    status: 'waiting' | 'applied' | 'refused';
    digest: string;
    previous_digest: string;
    patch: Array<unknown>;
    diff: {
      nodes: {
        added: Array<string>;
        changed: Array<string>;
        removed: Array<string>;
      };
      edges: {
        added: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
        removed: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
      };
      /**
       * Fields of the workflow besides its nodes.
       */
      fields: Array<string>;
    };
    /**
     * A caller, or `node:<id>`.
     */
    by: string;
    reason: string;
    at: string;
    answered_at: string | null;
    refusal: string | null;
  };
};

export type PatchUndoResponse = PatchUndoResponses[keyof PatchUndoResponses];

export type PatchUndoAliasData = {
  body: {
    /**
     * The revision to undo: the one that the run has.
     */
    revision: number;
    reason?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/runs/{id}/patch/undo';
};

export type PatchUndoAliasErrors = {
  /**
   * Another revision, something of it has started, or there is nothing to undo.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatchUndoAliasError = PatchUndoAliasErrors[keyof PatchUndoAliasErrors];

export type PatchUndoAliasResponses = {
  /**
   * A revision with the definition from before.
   */
  201: {
    run_id: string;
    revision: number;
    /**
     * Whether the run goes on with it; `waiting`: its next decision says so.
     */
    status: 'waiting' | 'applied' | 'refused';
    digest: string;
    previous_digest: string;
    patch: Array<unknown>;
    diff: {
      nodes: {
        added: Array<string>;
        changed: Array<string>;
        removed: Array<string>;
      };
      edges: {
        added: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
        removed: Array<{
          from: string;
          /**
           * Depends on `from`.
           */
          to: string;
        }>;
      };
      /**
       * Fields of the workflow besides its nodes.
       */
      fields: Array<string>;
    };
    /**
     * A caller, or `node:<id>`.
     */
    by: string;
    reason: string;
    at: string;
    answered_at: string | null;
    refusal: string | null;
  };
};

export type PatchUndoAliasResponse = PatchUndoAliasResponses[keyof PatchUndoAliasResponses];

export type PatchRevisionsData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    limit?: number;
    before?: number;
  };
  url: '/api/v1/runs/{id}/revisions';
};

export type PatchRevisionsErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatchRevisionsError = PatchRevisionsErrors[keyof PatchRevisionsErrors];

export type PatchRevisionsResponses = {
  /**
   * Its patches and what became of them, newest first.
   */
  200: {
    items: Array<{
      run_id: string;
      revision: number;
      /**
       * Whether the run goes on with it; `waiting`: its next decision says so.
       */
      status: 'waiting' | 'applied' | 'refused';
      digest: string;
      previous_digest: string;
      patch: Array<unknown>;
      diff: {
        nodes: {
          added: Array<string>;
          changed: Array<string>;
          removed: Array<string>;
        };
        edges: {
          added: Array<{
            from: string;
            /**
             * Depends on `from`.
             */
            to: string;
          }>;
          removed: Array<{
            from: string;
            /**
             * Depends on `from`.
             */
            to: string;
          }>;
        };
        /**
         * Fields of the workflow besides its nodes.
         */
        fields: Array<string>;
      };
      /**
       * A caller, or `node:<id>`.
       */
      by: string;
      reason: string;
      at: string;
      answered_at: string | null;
      refusal: string | null;
    }>;
    /**
     * Null on the last page.
     */
    next_before: number | null;
  };
};

export type PatchRevisionsResponse = PatchRevisionsResponses[keyof PatchRevisionsResponses];

export type PatchDefinitionData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    /**
     * That of this revision, refused ones included; 0: as submitted.
     */
    revision?: number;
  };
  url: '/api/v1/runs/{id}/definition';
};

export type PatchDefinitionErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatchDefinitionError = PatchDefinitionErrors[keyof PatchDefinitionErrors];

export type PatchDefinitionResponses = {
  /**
   * The definition that it has, or will have next.
   */
  200: {
    run_id: string;
    revision: number;
    digest: string;
    definition: {
      [key: string]: unknown;
    };
  };
};

export type PatchDefinitionResponse = PatchDefinitionResponses[keyof PatchDefinitionResponses];

export type WorkflowControlStatusData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/workflows/{id}/status';
};

export type WorkflowControlStatusErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowControlStatusError = WorkflowControlStatusErrors[keyof WorkflowControlStatusErrors];

export type WorkflowControlStatusResponses = {
  /**
   * Of a workflow: its newest run.
   */
  200: {
    workflow_id: string;
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    current_phase: 'queued' | 'executing' | 'waiting' | 'paused' | 'compensating' | 'ended';
    progress: {
      total: number;
      settled: number;
      by_status: {
        [key: string]: number;
      };
      /**
       * Agents that stand in a tier of their workflow.
       */
      tiers: Array<{
        tier: string;
        total: number;
        settled: number;
      }>;
    };
    agents: Array<{
      node_id: string;
      /**
       * The name of the agent, or its role.
       */
      agent: string | null;
      /**
       * Where it stands among the agents of its workflow.
       */
      tier?: string;
      status: string;
      attempt: number;
      /**
       * What it has used of models, in all visits.
       */
      usage?: {
        model_calls: number;
        prompt_tokens: number;
        completion_tokens: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros: number;
      };
    }>;
    performance_metrics: {
      /**
       * From the acceptance to the first claim.
       */
      queued_ms: number | null;
      /**
       * From the first claim to the end, or to now; parked time included.
       */
      duration_ms: number | null;
      attempts: number;
      failed_attempts: number;
      claims: number;
      events: number;
    };
    time_limit: {
      limit_ms: number;
      used_ms: number;
      /**
       * When it is used up; null while nobody is at work.
       */
      until: string | null;
    };
    error_details: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
    why: {
      code:
        | 'ended'
        | 'running'
        | 'compensating'
        | 'paused'
        | 'pausing'
        | 'cancelling'
        | 'patching'
        | 'no_worker'
        | 'no_worker_for_type'
        | 'workers_busy'
        | 'dispatching'
        | 'holder_dead'
        | 'holder_silent'
        | 'waiting_for_approval'
        | 'waiting_for_event'
        | 'waiting_for_child'
        | 'waiting_for_retry'
        | 'waiting_for_time'
        | 'waiting_for_budget'
        | 'deciding'
        | 'circuit_open'
        | 'rate_limited'
        | 'at_limit'
        | 'waiting_for_pool'
        | 'no_worker_for_pool';
      sentence: string;
      since: string;
      /**
       * When it changes by itself.
       */
      until?: string;
      node_id?: string;
      approval_id?: string;
      event?: string;
      /**
       * What is not called for the time being.
       */
      target?: string;
      child_run_id?: string;
      child_status?: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
      node_type?: string;
      pool?: string;
      worker_id?: string;
      /**
       * Whose limit on live runs is reached.
       */
      limit?: string;
      attempt?: number;
      of?: number;
      /**
       * How many more nodes; for `workers_busy` and a queue of a pool, jobs; for `at_limit`, runs that stand before it.
       */
      others?: number;
    };
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
  };
};

export type WorkflowControlStatusResponse = WorkflowControlStatusResponses[keyof WorkflowControlStatusResponses];

export type WorkflowControlPauseData = {
  body?: {
    reason?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/workflows/{id}/pause';
};

export type WorkflowControlPauseErrors = {
  /**
   * No live run, several (`runs`), or none that can be paused.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowControlPauseError = WorkflowControlPauseErrors[keyof WorkflowControlPauseErrors];

export type WorkflowControlPauseResponses = {
  /**
   * The run stands.
   */
  200: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    /**
     * Null while the run does not stand yet.
     */
    checkpoint_id: string | null;
    checkpoint_seq: number | null;
    resume_url: string;
  };
  /**
   * The run is told; it does not stand yet.
   */
  202: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    /**
     * Null while the run does not stand yet.
     */
    checkpoint_id: string | null;
    checkpoint_seq: number | null;
    resume_url: string;
  };
};

export type WorkflowControlPauseResponse = WorkflowControlPauseResponses[keyof WorkflowControlPauseResponses];

export type WorkflowControlResumeData = {
  body?: {
    reason?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/workflows/{id}/resume';
};

export type WorkflowControlResumeErrors = {
  /**
   * No live run, several (`runs`), or none that is paused.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowControlResumeError = WorkflowControlResumeErrors[keyof WorkflowControlResumeErrors];

export type WorkflowControlResumeResponses = {
  /**
   * The run goes on.
   */
  200: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
  };
  /**
   * The run is told; it does not go on yet.
   */
  202: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
  };
};

export type WorkflowControlResumeResponse = WorkflowControlResumeResponses[keyof WorkflowControlResumeResponses];

export type WorkflowControlCancelData = {
  body?: {
    reason?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/workflows/{id}/cancel';
};

export type WorkflowControlCancelErrors = {
  /**
   * No live run, or several (`runs`).
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowControlCancelError = WorkflowControlCancelErrors[keyof WorkflowControlCancelErrors];

export type WorkflowControlCancelResponses = {
  /**
   * The run has ended.
   */
  200: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
  };
  /**
   * The run is told; it has not ended yet.
   */
  202: {
    execution_id: string;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
  };
};

export type WorkflowControlCancelResponse = WorkflowControlCancelResponses[keyof WorkflowControlCancelResponses];

export type ApprovalLinkAskData = {
  body?: never;
  path?: never;
  query: {
    token: string;
  };
  url: '/approvals/link';
};

export type ApprovalLinkAskErrors = {
  /**
   * The link is not genuine.
   */
  404: unknown;
  /**
   * It has expired.
   */
  410: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalLinkAskError = ApprovalLinkAskErrors[keyof ApprovalLinkAskErrors];

export type ApprovalLinkAskResponses = {
  /**
   * What is asked: a page with a form, or JSON.
   */
  200: {
    title: string;
    status: 'open' | 'decided' | 'closed';
    decider: string;
    choices: Array<'approve' | 'reject'>;
    expires_at: string;
    due_at: string | null;
    payload: unknown;
    decision: 'approve' | 'reject' | null;
  };
};

export type ApprovalLinkAskResponse = ApprovalLinkAskResponses[keyof ApprovalLinkAskResponses];

export type ApprovalLinkDecideData = {
  body: {
    decision: 'approve' | 'reject';
    comment?: string;
    /**
     * Goes to the nodes after the approval, instead of what was proposed.
     */
    payload?: unknown;
  };
  path?: never;
  query: {
    token: string;
  };
  url: '/approvals/link';
};

export type ApprovalLinkDecideErrors = {
  /**
   * The link cannot decide so.
   */
  403: unknown;
  /**
   * It has been used, or the approval does not wait any more.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalLinkDecideError = ApprovalLinkDecideErrors[keyof ApprovalLinkDecideErrors];

export type ApprovalLinkDecideResponses = {
  /**
   * Decided, or counted where others must decide, too.
   */
  200: {
    title: string;
    status: 'open' | 'decided' | 'closed';
    decider: string;
    choices: Array<'approve' | 'reject'>;
    expires_at: string;
    due_at: string | null;
    payload: unknown;
    decision: 'approve' | 'reject' | null;
  };
};

export type ApprovalLinkDecideResponse = ApprovalLinkDecideResponses[keyof ApprovalLinkDecideResponses];

export type ApprovalsListData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * `closed`: nobody decided it before its deadline, or before its run ended.
     */
    status?: 'open' | 'decided' | 'closed';
    run_id?: string;
    /**
     * The id of the node that asks.
     */
    node?: string;
    /**
     * Its id or name.
     */
    workflow?: string;
    /**
     * Those that ask for this very role, or have asked for it last.
     */
    role?: 'viewer' | 'operator' | 'admin';
    /**
     * Those that were asked for so many seconds ago at least.
     */
    older_than?: number;
    /**
     * Those that were asked for later.
     */
    newer_than?: number;
    limit?: number;
    cursor?: string;
  };
  url: '/api/v1/approvals';
};

export type ApprovalsListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalsListError = ApprovalsListErrors[keyof ApprovalsListErrors];

export type ApprovalsListResponses = {
  /**
   * Of open ones, what has waited longest comes first; of others, what was asked for last.
   */
  200: {
    items: Array<{
      /**
       * `<run>.<visit>.<node>`
       */
      id: string;
      /**
       * `budget`: the run asks for more than its budget.
       */
      kind: 'approval' | 'budget';
      run_id: string;
      node_id: string;
      visit: number;
      title: string;
      status: 'open' | 'decided' | 'closed';
      requested_at: string;
      /**
       * After which the node goes on by itself.
       */
      due_at: string | null;
      /**
       * Who decides has it, or a higher one.
       */
      role: 'viewer' | 'operator' | 'admin';
      /**
       * Who may decide; empty: everybody with the role.
       */
      assignees: Array<string>;
      /**
       * Who may not.
       */
      excluded: Array<string>;
      /**
       * When others are asked instead.
       */
      escalates_at: string | null;
      approvals: {
        needed: number;
        given: number;
      };
      rejections: {
        needed: number;
        given: number;
      };
      votes: Array<{
        by: string;
        decision: 'approve' | 'reject';
        comment: string | null;
        at: string;
        /**
         * It came by a link that this one made.
         */
        link_by: string | null;
        /**
         * What was approved has been changed since.
         */
        superseded: boolean;
      }>;
      /**
       * What is to be approved, as it stands; null: nothing.
       */
      payload: unknown;
      /**
       * Of a budget: what is used up, and what is wanted.
       */
      details: {
        [key: string]: unknown;
      } | null;
      /**
       * JSON Schema of what it may be changed to.
       */
      payload_schema: {
        [key: string]: unknown;
      } | null;
      decision: 'approve' | 'reject' | null;
      /**
       * Whose vote decided it.
       */
      decided_by: string | null;
      decided_at: string | null;
      comment: string | null;
      /**
       * Whether a decision of the caller would count now.
       */
      may_decide: boolean;
      /**
       * Why it would not: `code` and `detail` of the problem that it would be answered with; null: it would count.
       */
      refusal: {
        code: string;
        detail: string;
      } | null;
      links: {
        run: string;
        decide: string;
      };
    }>;
    next_cursor: string | null;
  };
};

export type ApprovalsListResponse = ApprovalsListResponses[keyof ApprovalsListResponses];

export type ApprovalsListAliasData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * `closed`: nobody decided it before its deadline, or before its run ended.
     */
    status?: 'open' | 'decided' | 'closed';
    run_id?: string;
    /**
     * The id of the node that asks.
     */
    node?: string;
    /**
     * Its id or name.
     */
    workflow?: string;
    /**
     * Those that ask for this very role, or have asked for it last.
     */
    role?: 'viewer' | 'operator' | 'admin';
    /**
     * Those that were asked for so many seconds ago at least.
     */
    older_than?: number;
    /**
     * Those that were asked for later.
     */
    newer_than?: number;
    limit?: number;
    cursor?: string;
  };
  url: '/approvals';
};

export type ApprovalsListAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalsListAliasError = ApprovalsListAliasErrors[keyof ApprovalsListAliasErrors];

export type ApprovalsListAliasResponses = {
  /**
   * Of open ones, what has waited longest comes first; of others, what was asked for last.
   */
  200: {
    items: Array<{
      /**
       * `<run>.<visit>.<node>`
       */
      id: string;
      /**
       * `budget`: the run asks for more than its budget.
       */
      kind: 'approval' | 'budget';
      run_id: string;
      node_id: string;
      visit: number;
      title: string;
      status: 'open' | 'decided' | 'closed';
      requested_at: string;
      /**
       * After which the node goes on by itself.
       */
      due_at: string | null;
      /**
       * Who decides has it, or a higher one.
       */
      role: 'viewer' | 'operator' | 'admin';
      /**
       * Who may decide; empty: everybody with the role.
       */
      assignees: Array<string>;
      /**
       * Who may not.
       */
      excluded: Array<string>;
      /**
       * When others are asked instead.
       */
      escalates_at: string | null;
      approvals: {
        needed: number;
        given: number;
      };
      rejections: {
        needed: number;
        given: number;
      };
      votes: Array<{
        by: string;
        decision: 'approve' | 'reject';
        comment: string | null;
        at: string;
        /**
         * It came by a link that this one made.
         */
        link_by: string | null;
        /**
         * What was approved has been changed since.
         */
        superseded: boolean;
      }>;
      /**
       * What is to be approved, as it stands; null: nothing.
       */
      payload: unknown;
      /**
       * Of a budget: what is used up, and what is wanted.
       */
      details: {
        [key: string]: unknown;
      } | null;
      /**
       * JSON Schema of what it may be changed to.
       */
      payload_schema: {
        [key: string]: unknown;
      } | null;
      decision: 'approve' | 'reject' | null;
      /**
       * Whose vote decided it.
       */
      decided_by: string | null;
      decided_at: string | null;
      comment: string | null;
      /**
       * Whether a decision of the caller would count now.
       */
      may_decide: boolean;
      /**
       * Why it would not: `code` and `detail` of the problem that it would be answered with; null: it would count.
       */
      refusal: {
        code: string;
        detail: string;
      } | null;
      links: {
        run: string;
        decide: string;
      };
    }>;
    next_cursor: string | null;
  };
};

export type ApprovalsListAliasResponse = ApprovalsListAliasResponses[keyof ApprovalsListAliasResponses];

export type ApprovalsFindData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/approvals/{id}';
};

export type ApprovalsFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalsFindError = ApprovalsFindErrors[keyof ApprovalsFindErrors];

export type ApprovalsFindResponses = {
  /**
   * What is asked of whom, and who has decided how.
   */
  200: {
    /**
     * `<run>.<visit>.<node>`
     */
    id: string;
    /**
     * `budget`: the run asks for more than its budget.
     */
    kind: 'approval' | 'budget';
    run_id: string;
    node_id: string;
    visit: number;
    title: string;
    status: 'open' | 'decided' | 'closed';
    requested_at: string;
    /**
     * After which the node goes on by itself.
     */
    due_at: string | null;
    /**
     * Who decides has it, or a higher one.
     */
    role: 'viewer' | 'operator' | 'admin';
    /**
     * Who may decide; empty: everybody with the role.
     */
    assignees: Array<string>;
    /**
     * Who may not.
     */
    excluded: Array<string>;
    /**
     * When others are asked instead.
     */
    escalates_at: string | null;
    approvals: {
      needed: number;
      given: number;
    };
    rejections: {
      needed: number;
      given: number;
    };
    votes: Array<{
      by: string;
      decision: 'approve' | 'reject';
      comment: string | null;
      at: string;
      /**
       * It came by a link that this one made.
       */
      link_by: string | null;
      /**
       * What was approved has been changed since.
       */
      superseded: boolean;
    }>;
    /**
     * What is to be approved, as it stands; null: nothing.
     */
    payload: unknown;
    /**
     * Of a budget: what is used up, and what is wanted.
     */
    details: {
      [key: string]: unknown;
    } | null;
    /**
     * JSON Schema of what it may be changed to.
     */
    payload_schema: {
      [key: string]: unknown;
    } | null;
    decision: 'approve' | 'reject' | null;
    /**
     * Whose vote decided it.
     */
    decided_by: string | null;
    decided_at: string | null;
    comment: string | null;
    /**
     * Whether a decision of the caller would count now.
     */
    may_decide: boolean;
    /**
     * Why it would not: `code` and `detail` of the problem that it would be answered with; null: it would count.
     */
    refusal: {
      code: string;
      detail: string;
    } | null;
    links: {
      run: string;
      decide: string;
    };
  };
};

export type ApprovalsFindResponse = ApprovalsFindResponses[keyof ApprovalsFindResponses];

export type ApprovalsFindAliasData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/approvals/{id}';
};

export type ApprovalsFindAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalsFindAliasError = ApprovalsFindAliasErrors[keyof ApprovalsFindAliasErrors];

export type ApprovalsFindAliasResponses = {
  /**
   * What is asked of whom, and who has decided how.
   */
  200: {
    /**
     * `<run>.<visit>.<node>`
     */
    id: string;
    /**
     * `budget`: the run asks for more than its budget.
     */
    kind: 'approval' | 'budget';
    run_id: string;
    node_id: string;
    visit: number;
    title: string;
    status: 'open' | 'decided' | 'closed';
    requested_at: string;
    /**
     * After which the node goes on by itself.
     */
    due_at: string | null;
    /**
     * Who decides has it, or a higher one.
     */
    role: 'viewer' | 'operator' | 'admin';
    /**
     * Who may decide; empty: everybody with the role.
     */
    assignees: Array<string>;
    /**
     * Who may not.
     */
    excluded: Array<string>;
    /**
     * When others are asked instead.
     */
    escalates_at: string | null;
    approvals: {
      needed: number;
      given: number;
    };
    rejections: {
      needed: number;
      given: number;
    };
    votes: Array<{
      by: string;
      decision: 'approve' | 'reject';
      comment: string | null;
      at: string;
      /**
       * It came by a link that this one made.
       */
      link_by: string | null;
      /**
       * What was approved has been changed since.
       */
      superseded: boolean;
    }>;
    /**
     * What is to be approved, as it stands; null: nothing.
     */
    payload: unknown;
    /**
     * Of a budget: what is used up, and what is wanted.
     */
    details: {
      [key: string]: unknown;
    } | null;
    /**
     * JSON Schema of what it may be changed to.
     */
    payload_schema: {
      [key: string]: unknown;
    } | null;
    decision: 'approve' | 'reject' | null;
    /**
     * Whose vote decided it.
     */
    decided_by: string | null;
    decided_at: string | null;
    comment: string | null;
    /**
     * Whether a decision of the caller would count now.
     */
    may_decide: boolean;
    /**
     * Why it would not: `code` and `detail` of the problem that it would be answered with; null: it would count.
     */
    refusal: {
      code: string;
      detail: string;
    } | null;
    links: {
      run: string;
      decide: string;
    };
  };
};

export type ApprovalsFindAliasResponse = ApprovalsFindAliasResponses[keyof ApprovalsFindAliasResponses];

export type ApprovalsDecideData = {
  body: {
    decision: 'approve' | 'reject';
    comment?: string;
    /**
     * Goes to the nodes after the approval, instead of what was proposed.
     */
    payload?: unknown;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/approvals/{id}/decide';
};

export type ApprovalsDecideErrors = {
  /**
   * Somebody else is asked.
   */
  403: unknown;
  /**
   * Nothing of this id waits.
   */
  404: unknown;
  /**
   * Decided before, by the caller or for good, or its time has passed.
   */
  409: unknown;
  /**
   * The payload does not fit its schema.
   */
  422: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalsDecideError = ApprovalsDecideErrors[keyof ApprovalsDecideErrors];

export type ApprovalsDecideResponses = {
  /**
   * Decided, and the run takes its branch; or, with the status `open`, counted: others must decide, too.
   */
  200: {
    /**
     * `<run>.<visit>.<node>`
     */
    id: string;
    /**
     * `budget`: the run asks for more than its budget.
     */
    kind: 'approval' | 'budget';
    run_id: string;
    node_id: string;
    visit: number;
    title: string;
    status: 'open' | 'decided' | 'closed';
    requested_at: string;
    /**
     * After which the node goes on by itself.
     */
    due_at: string | null;
    /**
     * Who decides has it, or a higher one.
     */
    role: 'viewer' | 'operator' | 'admin';
    /**
     * Who may decide; empty: everybody with the role.
     */
    assignees: Array<string>;
    /**
     * Who may not.
     */
    excluded: Array<string>;
    /**
     * When others are asked instead.
     */
    escalates_at: string | null;
    approvals: {
      needed: number;
      given: number;
    };
    rejections: {
      needed: number;
      given: number;
    };
    votes: Array<{
      by: string;
      decision: 'approve' | 'reject';
      comment: string | null;
      at: string;
      /**
       * It came by a link that this one made.
       */
      link_by: string | null;
      /**
       * What was approved has been changed since.
       */
      superseded: boolean;
    }>;
    /**
     * What is to be approved, as it stands; null: nothing.
     */
    payload: unknown;
    /**
     * Of a budget: what is used up, and what is wanted.
     */
    details: {
      [key: string]: unknown;
    } | null;
    /**
     * JSON Schema of what it may be changed to.
     */
    payload_schema: {
      [key: string]: unknown;
    } | null;
    decision: 'approve' | 'reject' | null;
    /**
     * Whose vote decided it.
     */
    decided_by: string | null;
    decided_at: string | null;
    comment: string | null;
    /**
     * Whether a decision of the caller would count now.
     */
    may_decide: boolean;
    /**
     * Why it would not: `code` and `detail` of the problem that it would be answered with; null: it would count.
     */
    refusal: {
      code: string;
      detail: string;
    } | null;
    links: {
      run: string;
      decide: string;
    };
  };
};

export type ApprovalsDecideResponse = ApprovalsDecideResponses[keyof ApprovalsDecideResponses];

export type ApprovalsDecideAliasData = {
  body: {
    decision: 'approve' | 'reject';
    comment?: string;
    /**
     * Goes to the nodes after the approval, instead of what was proposed.
     */
    payload?: unknown;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/approvals/{id}/decide';
};

export type ApprovalsDecideAliasErrors = {
  /**
   * Somebody else is asked.
   */
  403: unknown;
  /**
   * Nothing of this id waits.
   */
  404: unknown;
  /**
   * Decided before, by the caller or for good, or its time has passed.
   */
  409: unknown;
  /**
   * The payload does not fit its schema.
   */
  422: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalsDecideAliasError = ApprovalsDecideAliasErrors[keyof ApprovalsDecideAliasErrors];

export type ApprovalsDecideAliasResponses = {
  /**
   * Decided, and the run takes its branch; or, with the status `open`, counted: others must decide, too.
   */
  200: {
    /**
     * `<run>.<visit>.<node>`
     */
    id: string;
    /**
     * `budget`: the run asks for more than its budget.
     */
    kind: 'approval' | 'budget';
    run_id: string;
    node_id: string;
    visit: number;
    title: string;
    status: 'open' | 'decided' | 'closed';
    requested_at: string;
    /**
     * After which the node goes on by itself.
     */
    due_at: string | null;
    /**
     * Who decides has it, or a higher one.
     */
    role: 'viewer' | 'operator' | 'admin';
    /**
     * Who may decide; empty: everybody with the role.
     */
    assignees: Array<string>;
    /**
     * Who may not.
     */
    excluded: Array<string>;
    /**
     * When others are asked instead.
     */
    escalates_at: string | null;
    approvals: {
      needed: number;
      given: number;
    };
    rejections: {
      needed: number;
      given: number;
    };
    votes: Array<{
      by: string;
      decision: 'approve' | 'reject';
      comment: string | null;
      at: string;
      /**
       * It came by a link that this one made.
       */
      link_by: string | null;
      /**
       * What was approved has been changed since.
       */
      superseded: boolean;
    }>;
    /**
     * What is to be approved, as it stands; null: nothing.
     */
    payload: unknown;
    /**
     * Of a budget: what is used up, and what is wanted.
     */
    details: {
      [key: string]: unknown;
    } | null;
    /**
     * JSON Schema of what it may be changed to.
     */
    payload_schema: {
      [key: string]: unknown;
    } | null;
    decision: 'approve' | 'reject' | null;
    /**
     * Whose vote decided it.
     */
    decided_by: string | null;
    decided_at: string | null;
    comment: string | null;
    /**
     * Whether a decision of the caller would count now.
     */
    may_decide: boolean;
    /**
     * Why it would not: `code` and `detail` of the problem that it would be answered with; null: it would count.
     */
    refusal: {
      code: string;
      detail: string;
    } | null;
    links: {
      run: string;
      decide: string;
    };
  };
};

export type ApprovalsDecideAliasResponse = ApprovalsDecideAliasResponses[keyof ApprovalsDecideAliasResponses];

export type ApprovalsMakeLinkData = {
  body: {
    /**
     * In whose name it decides; another's only for an admin.
     */
    decider?: string;
    choices?: Array<'approve' | 'reject'>;
    /**
     * Seconds.
     */
    expires_in?: number;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/approvals/{id}/links';
};

export type ApprovalsMakeLinkErrors = {
  /**
   * The caller could not decide so, or there is no APPROVAL_LINK_SECRET.
   */
  403: unknown;
  /**
   * It does not wait any more.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalsMakeLinkError = ApprovalsMakeLinkErrors[keyof ApprovalsMakeLinkErrors];

export type ApprovalsMakeLinkResponses = {
  /**
   * A link that decides it once, without a token.
   */
  201: {
    /**
     * Beneath the address of this API. Who has it decides: send it to one person.
     */
    url: string;
    decider: string;
    choices: Array<'approve' | 'reject'>;
    expires_at: string;
  };
};

export type ApprovalsMakeLinkResponse = ApprovalsMakeLinkResponses[keyof ApprovalsMakeLinkResponses];

export type ApprovalsMakeLinkAliasData = {
  body: {
    /**
     * In whose name it decides; another's only for an admin.
     */
    decider?: string;
    choices?: Array<'approve' | 'reject'>;
    /**
     * Seconds.
     */
    expires_in?: number;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/approvals/{id}/links';
};

export type ApprovalsMakeLinkAliasErrors = {
  /**
   * The caller could not decide so, or there is no APPROVAL_LINK_SECRET.
   */
  403: unknown;
  /**
   * It does not wait any more.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ApprovalsMakeLinkAliasError = ApprovalsMakeLinkAliasErrors[keyof ApprovalsMakeLinkAliasErrors];

export type ApprovalsMakeLinkAliasResponses = {
  /**
   * A link that decides it once, without a token.
   */
  201: {
    /**
     * Beneath the address of this API. Who has it decides: send it to one person.
     */
    url: string;
    decider: string;
    choices: Array<'approve' | 'reject'>;
    expires_at: string;
  };
};

export type ApprovalsMakeLinkAliasResponse = ApprovalsMakeLinkAliasResponses[keyof ApprovalsMakeLinkAliasResponses];

export type ArtifactsListData = {
  body?: never;
  path?: never;
  query?: {
    run_id?: string;
    limit?: number;
    cursor?: string;
  };
  url: '/api/v1/artifacts';
};

export type ArtifactsListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ArtifactsListError = ArtifactsListErrors[keyof ArtifactsListErrors];

export type ArtifactsListResponses = {
  /**
   * Newest first.
   */
  200: {
    items: Array<{
      id: string;
      run_id: string;
      /**
       * The node that has made it; null: it was made for the run as a whole.
       */
      node_id: string | null;
      name: string;
      media_type: string;
      sha256: string;
      bytes: number;
      created_at: string;
      links: {
        content: string;
        run: string;
      };
    }>;
    next_cursor: string | null;
  };
};

export type ArtifactsListResponse = ArtifactsListResponses[keyof ArtifactsListResponses];

export type ArtifactsListOfRunData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    limit?: number;
    cursor?: string;
  };
  url: '/api/v1/runs/{id}/artifacts';
};

export type ArtifactsListOfRunErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ArtifactsListOfRunError = ArtifactsListOfRunErrors[keyof ArtifactsListOfRunErrors];

export type ArtifactsListOfRunResponses = {
  /**
   * Those of one run, newest first.
   */
  200: {
    items: Array<{
      id: string;
      run_id: string;
      /**
       * The node that has made it; null: it was made for the run as a whole.
       */
      node_id: string | null;
      name: string;
      media_type: string;
      sha256: string;
      bytes: number;
      created_at: string;
      links: {
        content: string;
        run: string;
      };
    }>;
    next_cursor: string | null;
  };
};

export type ArtifactsListOfRunResponse = ArtifactsListOfRunResponses[keyof ArtifactsListOfRunResponses];

export type ArtifactsDownloadData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/artifacts/{id}';
};

export type ArtifactsDownloadErrors = {
  /**
   * There is no such artifact.
   */
  404: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ArtifactsDownloadError = ArtifactsDownloadErrors[keyof ArtifactsDownloadErrors];

export type ArtifactsDownloadResponses = {
  /**
   * Its bytes, to be kept as a file: whatever it is, no page of this origin.
   */
  200: unknown;
};

export type PayloadsReadData = {
  body?: never;
  path: {
    sha256: string;
  };
  query?: never;
  url: '/api/v1/payloads/{sha256}';
};

export type PayloadsReadErrors = {
  /**
   * There is no such payload.
   */
  404: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PayloadsReadError = PayloadsReadErrors[keyof PayloadsReadErrors];

export type PayloadsReadResponses = {
  /**
   * The payload, as the node or the caller gave it.
   */
  200: unknown;
};

export type ReportsMakeData = {
  body: {
    formats?: Array<'markdown' | 'pdf' | 'docx'>;
    /**
     * That of the result when absent, or else of its workflow.
     */
    title?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/runs/{id}/reports';
};

export type ReportsMakeErrors = {
  /**
   * The run has not ended.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ReportsMakeError = ReportsMakeErrors[keyof ReportsMakeErrors];

export type ReportsMakeResponses = {
  /**
   * The report of its result, an artifact for each format.
   */
  200: {
    items: Array<{
      id: string;
      run_id: string;
      /**
       * The node that has made it; null: it was made for the run as a whole.
       */
      node_id: string | null;
      name: string;
      media_type: string;
      sha256: string;
      bytes: number;
      created_at: string;
      links: {
        content: string;
        run: string;
      };
    }>;
  };
};

export type ReportsMakeResponse = ReportsMakeResponses[keyof ReportsMakeResponses];

export type EventsTaskData = {
  body?: never;
  headers?: {
    /**
     * `<run_id>.<seq>`: go on after this event.
     */
    'Last-Event-ID'?: string;
  };
  path: {
    id: string;
  };
  query?: {
    last_event_id?: string;
    /**
     * `orchestration`: only what orchestration clients know, under their names.
     */
    format?: 'journal' | 'orchestration';
    /**
     * Also sends answers of models while they come, as events of the type `token` without an id.
     */
    tokens?: 'true' | 'false';
  };
  url: '/events/tasks/{id}';
};

export type EventsTaskErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type EventsTaskError = EventsTaskErrors[keyof EventsTaskErrors];

export type EventsTaskResponses = {
  /**
   * Events from the journal, each once and in order.
   */
  200: string;
};

export type EventsTaskResponse = EventsTaskResponses[keyof EventsTaskResponses];

export type IngestIngestData = {
  body:
    | {
        text: string;
        title?: string;
        source?: string;
        media_type?: 'text/plain' | 'text/markdown';
      }
    | {
        documents: Array<{
          text: string;
          title?: string;
          source?: string;
          media_type?: 'text/plain' | 'text/markdown';
        }>;
      };
  headers?: {
    /**
     * `respond-async`: ingest by a run. `wait=N`: answer with its result if it ends in N seconds.
     */
    Prefer?: string;
    /**
     * For what is ingested by a run.
     */
    'Idempotency-Key'?: string;
  };
  path?: never;
  query?: never;
  url: '/api/v1/ingest';
};

export type IngestIngestErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type IngestIngestError = IngestIngestErrors[keyof IngestIngestErrors];

export type IngestIngestResponses = {
  /**
   * What became of each document, in order.
   */
  200: {
    /**
     * Documents that are there now.
     */
    ingested: number;
    refused: number;
    documents: Array<
      | {
          status: 'ingested';
          id: string;
          title: string;
          source: string | null;
          bytes: number;
          chunks: number;
          /**
           * False: the same text was there already.
           */
          created: boolean;
        }
      | {
          status: 'refused';
          title: string | null;
          source: string | null;
          error: {
            code: string;
            message: string;
          };
        }
    >;
  };
  /**
   * Files, or many documents: the run that ingests them.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
  };
};

export type IngestIngestResponse = IngestIngestResponses[keyof IngestIngestResponses];

export type IngestIngestAliasData = {
  body:
    | {
        text: string;
        title?: string;
        source?: string;
        media_type?: 'text/plain' | 'text/markdown';
      }
    | {
        documents: Array<{
          text: string;
          title?: string;
          source?: string;
          media_type?: 'text/plain' | 'text/markdown';
        }>;
      };
  headers?: {
    /**
     * `respond-async`: ingest by a run. `wait=N`: answer with its result if it ends in N seconds.
     */
    Prefer?: string;
    /**
     * For what is ingested by a run.
     */
    'Idempotency-Key'?: string;
  };
  path?: never;
  query?: never;
  url: '/api/ingest';
};

export type IngestIngestAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type IngestIngestAliasError = IngestIngestAliasErrors[keyof IngestIngestAliasErrors];

export type IngestIngestAliasResponses = {
  /**
   * What became of each document, in order.
   */
  200: {
    /**
     * Documents that are there now.
     */
    ingested: number;
    refused: number;
    documents: Array<
      | {
          status: 'ingested';
          id: string;
          title: string;
          source: string | null;
          bytes: number;
          chunks: number;
          /**
           * False: the same text was there already.
           */
          created: boolean;
        }
      | {
          status: 'refused';
          title: string | null;
          source: string | null;
          error: {
            code: string;
            message: string;
          };
        }
    >;
  };
  /**
   * Files, or many documents: the run that ingests them.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
  };
};

export type IngestIngestAliasResponse = IngestIngestAliasResponses[keyof IngestIngestAliasResponses];

export type DocumentsListData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * Only documents whose title begins so.
     */
    title_prefix?: string;
    /**
     * Only documents whose source begins so.
     */
    source_prefix?: string;
    limit?: number;
    cursor?: string;
  };
  url: '/api/documents';
};

export type DocumentsListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DocumentsListError = DocumentsListErrors[keyof DocumentsListErrors];

export type DocumentsListResponses = {
  /**
   * Newest first.
   */
  200: {
    items: Array<{
      id: string;
      title: string;
      source: string | null;
      media_type: string;
      content_hash: string;
      bytes: number;
      chunks: number;
      created_at: string;
      indexed_at: string | null;
    }>;
    next_cursor: string | null;
  };
};

export type DocumentsListResponse = DocumentsListResponses[keyof DocumentsListResponses];

export type DocumentsRemoveData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/documents/{id}';
};

export type DocumentsRemoveErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DocumentsRemoveError = DocumentsRemoveErrors[keyof DocumentsRemoveErrors];

export type DocumentsRemoveResponses = {
  /**
   * There is no such document any more, with its chunks and vectors.
   */
  204: void;
};

export type DocumentsRemoveResponse = DocumentsRemoveResponses[keyof DocumentsRemoveResponses];

export type DocumentsFindData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/documents/{id}';
};

export type DocumentsFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DocumentsFindError = DocumentsFindErrors[keyof DocumentsFindErrors];

export type DocumentsFindResponses = {
  200: {
    id: string;
    title: string;
    source: string | null;
    media_type: string;
    content_hash: string;
    bytes: number;
    chunks: number;
    created_at: string;
    indexed_at: string | null;
  };
};

export type DocumentsFindResponse = DocumentsFindResponses[keyof DocumentsFindResponses];

export type DocumentsContentData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/documents/{id}/content';
};

export type DocumentsContentErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DocumentsContentError = DocumentsContentErrors[keyof DocumentsContentErrors];

export type DocumentsContentResponses = {
  /**
   * Its text, as it was read from what was sent.
   */
  200: unknown;
};

export type DocumentsReadPassagesData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    /**
     * The index of the first one.
     */
    from?: number;
    limit?: number;
  };
  url: '/api/documents/{id}/passages';
};

export type DocumentsReadPassagesErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DocumentsReadPassagesError = DocumentsReadPassagesErrors[keyof DocumentsReadPassagesErrors];

export type DocumentsReadPassagesResponses = {
  /**
   * In order, cut in the way that searches find them now.
   */
  200: {
    items: Array<{
      chunk_id: string;
      index: number;
      text: string;
    }>;
    next_from: number | null;
  };
};

export type DocumentsReadPassagesResponse = DocumentsReadPassagesResponses[keyof DocumentsReadPassagesResponses];

export type DocumentsSearchData = {
  body: {
    query: string;
    /**
     * As the retrieval configuration says when it is left out.
     */
    top_k?: number;
    document_ids?: Array<string>;
  };
  path?: never;
  query?: never;
  url: '/api/search';
};

export type DocumentsSearchErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DocumentsSearchError = DocumentsSearchErrors[keyof DocumentsSearchErrors];

export type DocumentsSearchResponses = {
  /**
   * The most similar passages, best first.
   */
  200: {
    items: Array<{
      chunk_id: string;
      document_id: string;
      title: string;
      source: string | null;
      index: number;
      text: string;
      /**
       * Cosine similarity: 1 is the same direction.
       */
      score: number;
    }>;
  };
};

export type DocumentsSearchResponse = DocumentsSearchResponses[keyof DocumentsSearchResponses];

export type RagFindData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/rag/config';
};

export type RagFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RagFindError = RagFindErrors[keyof RagFindErrors];

export type RagFindResponses = {
  /**
   * What searches use, and the change under way.
   */
  200: {
    /**
     * Leads the names of the collections in the vector store.
     */
    collection: string;
    /**
     * The embedding model; `local-hash-v1` needs no service.
     */
    model: string;
    /**
     * Numbers in a vector.
     */
    dimensions: number;
    /**
     * Characters of a chunk at most.
     */
    chunk_size: number;
    /**
     * Characters that neighbouring chunks share at most.
     */
    chunk_overlap: number;
    /**
     * Passages that a search gives unless it asks for another number.
     */
    top_k: number;
    /**
     * Rises with each change; 0 while the defaults hold.
     */
    revision: number;
    status: 'active' | 'reembedding' | 'failed';
    /**
     * What a re-embedding run is building, or failed to build.
     */
    next: {
      /**
       * Leads the names of the collections in the vector store.
       */
      collection: string;
      /**
       * The embedding model; `local-hash-v1` needs no service.
       */
      model: string;
      /**
       * Numbers in a vector.
       */
      dimensions: number;
      /**
       * Characters of a chunk at most.
       */
      chunk_size: number;
      /**
       * Characters that neighbouring chunks share at most.
       */
      chunk_overlap: number;
      /**
       * Passages that a search gives unless it asks for another number.
       */
      top_k: number;
    } | null;
    /**
     * The last re-embedding run.
     */
    reembed_run_id: string | null;
    /**
     * Why the run failed.
     */
    error: {
      code: string;
      message: string;
    } | null;
    updated_at: string;
  };
};

export type RagFindResponse = RagFindResponses[keyof RagFindResponses];

export type RagChangeData = {
  body: {
    /**
     * Leads the names of the collections in the vector store.
     */
    collection?: string;
    /**
     * The embedding model; `local-hash-v1` needs no service.
     */
    model?: string;
    /**
     * Numbers in a vector.
     */
    dimensions?: number;
    /**
     * Characters of a chunk at most.
     */
    chunk_size?: number;
    /**
     * Characters that neighbouring chunks share at most.
     */
    chunk_overlap?: number;
    /**
     * Passages that a search gives unless it asks for another number.
     */
    top_k?: number;
    /**
     * The revision that the caller has read.
     */
    revision: number;
  };
  path?: never;
  query?: never;
  url: '/api/v1/rag/config';
};

export type RagChangeErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RagChangeError = RagChangeErrors[keyof RagChangeErrors];

export type RagChangeResponses = {
  /**
   * Changed: the vectors stay as they are.
   */
  200: {
    /**
     * Leads the names of the collections in the vector store.
     */
    collection: string;
    /**
     * The embedding model; `local-hash-v1` needs no service.
     */
    model: string;
    /**
     * Numbers in a vector.
     */
    dimensions: number;
    /**
     * Characters of a chunk at most.
     */
    chunk_size: number;
    /**
     * Characters that neighbouring chunks share at most.
     */
    chunk_overlap: number;
    /**
     * Passages that a search gives unless it asks for another number.
     */
    top_k: number;
    /**
     * Rises with each change; 0 while the defaults hold.
     */
    revision: number;
    status: 'active' | 'reembedding' | 'failed';
    /**
     * What a re-embedding run is building, or failed to build.
     */
    next: {
      /**
       * Leads the names of the collections in the vector store.
       */
      collection: string;
      /**
       * The embedding model; `local-hash-v1` needs no service.
       */
      model: string;
      /**
       * Numbers in a vector.
       */
      dimensions: number;
      /**
       * Characters of a chunk at most.
       */
      chunk_size: number;
      /**
       * Characters that neighbouring chunks share at most.
       */
      chunk_overlap: number;
      /**
       * Passages that a search gives unless it asks for another number.
       */
      top_k: number;
    } | null;
    /**
     * The last re-embedding run.
     */
    reembed_run_id: string | null;
    /**
     * Why the run failed.
     */
    error: {
      code: string;
      message: string;
    } | null;
    updated_at: string;
  };
  /**
   * Accepted: the run `reembed_run_id` embeds all documents anew and switches over at its end.
   */
  202: {
    /**
     * Leads the names of the collections in the vector store.
     */
    collection: string;
    /**
     * The embedding model; `local-hash-v1` needs no service.
     */
    model: string;
    /**
     * Numbers in a vector.
     */
    dimensions: number;
    /**
     * Characters of a chunk at most.
     */
    chunk_size: number;
    /**
     * Characters that neighbouring chunks share at most.
     */
    chunk_overlap: number;
    /**
     * Passages that a search gives unless it asks for another number.
     */
    top_k: number;
    /**
     * Rises with each change; 0 while the defaults hold.
     */
    revision: number;
    status: 'active' | 'reembedding' | 'failed';
    /**
     * What a re-embedding run is building, or failed to build.
     */
    next: {
      /**
       * Leads the names of the collections in the vector store.
       */
      collection: string;
      /**
       * The embedding model; `local-hash-v1` needs no service.
       */
      model: string;
      /**
       * Numbers in a vector.
       */
      dimensions: number;
      /**
       * Characters of a chunk at most.
       */
      chunk_size: number;
      /**
       * Characters that neighbouring chunks share at most.
       */
      chunk_overlap: number;
      /**
       * Passages that a search gives unless it asks for another number.
       */
      top_k: number;
    } | null;
    /**
     * The last re-embedding run.
     */
    reembed_run_id: string | null;
    /**
     * Why the run failed.
     */
    error: {
      code: string;
      message: string;
    } | null;
    updated_at: string;
  };
};

export type RagChangeResponse = RagChangeResponses[keyof RagChangeResponses];

export type RagFindAliasData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/rag/config';
};

export type RagFindAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RagFindAliasError = RagFindAliasErrors[keyof RagFindAliasErrors];

export type RagFindAliasResponses = {
  /**
   * What searches use, and the change under way.
   */
  200: {
    /**
     * Leads the names of the collections in the vector store.
     */
    collection: string;
    /**
     * The embedding model; `local-hash-v1` needs no service.
     */
    model: string;
    /**
     * Numbers in a vector.
     */
    dimensions: number;
    /**
     * Characters of a chunk at most.
     */
    chunk_size: number;
    /**
     * Characters that neighbouring chunks share at most.
     */
    chunk_overlap: number;
    /**
     * Passages that a search gives unless it asks for another number.
     */
    top_k: number;
    /**
     * Rises with each change; 0 while the defaults hold.
     */
    revision: number;
    status: 'active' | 'reembedding' | 'failed';
    /**
     * What a re-embedding run is building, or failed to build.
     */
    next: {
      /**
       * Leads the names of the collections in the vector store.
       */
      collection: string;
      /**
       * The embedding model; `local-hash-v1` needs no service.
       */
      model: string;
      /**
       * Numbers in a vector.
       */
      dimensions: number;
      /**
       * Characters of a chunk at most.
       */
      chunk_size: number;
      /**
       * Characters that neighbouring chunks share at most.
       */
      chunk_overlap: number;
      /**
       * Passages that a search gives unless it asks for another number.
       */
      top_k: number;
    } | null;
    /**
     * The last re-embedding run.
     */
    reembed_run_id: string | null;
    /**
     * Why the run failed.
     */
    error: {
      code: string;
      message: string;
    } | null;
    updated_at: string;
  };
};

export type RagFindAliasResponse = RagFindAliasResponses[keyof RagFindAliasResponses];

export type RagChangeAliasData = {
  body: {
    /**
     * Leads the names of the collections in the vector store.
     */
    collection?: string;
    /**
     * The embedding model; `local-hash-v1` needs no service.
     */
    model?: string;
    /**
     * Numbers in a vector.
     */
    dimensions?: number;
    /**
     * Characters of a chunk at most.
     */
    chunk_size?: number;
    /**
     * Characters that neighbouring chunks share at most.
     */
    chunk_overlap?: number;
    /**
     * Passages that a search gives unless it asks for another number.
     */
    top_k?: number;
    /**
     * The revision that the caller has read.
     */
    revision: number;
  };
  path?: never;
  query?: never;
  url: '/api/rag/config';
};

export type RagChangeAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type RagChangeAliasError = RagChangeAliasErrors[keyof RagChangeAliasErrors];

export type RagChangeAliasResponses = {
  /**
   * Changed: the vectors stay as they are.
   */
  200: {
    /**
     * Leads the names of the collections in the vector store.
     */
    collection: string;
    /**
     * The embedding model; `local-hash-v1` needs no service.
     */
    model: string;
    /**
     * Numbers in a vector.
     */
    dimensions: number;
    /**
     * Characters of a chunk at most.
     */
    chunk_size: number;
    /**
     * Characters that neighbouring chunks share at most.
     */
    chunk_overlap: number;
    /**
     * Passages that a search gives unless it asks for another number.
     */
    top_k: number;
    /**
     * Rises with each change; 0 while the defaults hold.
     */
    revision: number;
    status: 'active' | 'reembedding' | 'failed';
    /**
     * What a re-embedding run is building, or failed to build.
     */
    next: {
      /**
       * Leads the names of the collections in the vector store.
       */
      collection: string;
      /**
       * The embedding model; `local-hash-v1` needs no service.
       */
      model: string;
      /**
       * Numbers in a vector.
       */
      dimensions: number;
      /**
       * Characters of a chunk at most.
       */
      chunk_size: number;
      /**
       * Characters that neighbouring chunks share at most.
       */
      chunk_overlap: number;
      /**
       * Passages that a search gives unless it asks for another number.
       */
      top_k: number;
    } | null;
    /**
     * The last re-embedding run.
     */
    reembed_run_id: string | null;
    /**
     * Why the run failed.
     */
    error: {
      code: string;
      message: string;
    } | null;
    updated_at: string;
  };
  /**
   * Accepted: the run `reembed_run_id` embeds all documents anew and switches over at its end.
   */
  202: {
    /**
     * Leads the names of the collections in the vector store.
     */
    collection: string;
    /**
     * The embedding model; `local-hash-v1` needs no service.
     */
    model: string;
    /**
     * Numbers in a vector.
     */
    dimensions: number;
    /**
     * Characters of a chunk at most.
     */
    chunk_size: number;
    /**
     * Characters that neighbouring chunks share at most.
     */
    chunk_overlap: number;
    /**
     * Passages that a search gives unless it asks for another number.
     */
    top_k: number;
    /**
     * Rises with each change; 0 while the defaults hold.
     */
    revision: number;
    status: 'active' | 'reembedding' | 'failed';
    /**
     * What a re-embedding run is building, or failed to build.
     */
    next: {
      /**
       * Leads the names of the collections in the vector store.
       */
      collection: string;
      /**
       * The embedding model; `local-hash-v1` needs no service.
       */
      model: string;
      /**
       * Numbers in a vector.
       */
      dimensions: number;
      /**
       * Characters of a chunk at most.
       */
      chunk_size: number;
      /**
       * Characters that neighbouring chunks share at most.
       */
      chunk_overlap: number;
      /**
       * Passages that a search gives unless it asks for another number.
       */
      top_k: number;
    } | null;
    /**
     * The last re-embedding run.
     */
    reembed_run_id: string | null;
    /**
     * Why the run failed.
     */
    error: {
      code: string;
      message: string;
    } | null;
    updated_at: string;
  };
};

export type RagChangeAliasResponse = RagChangeAliasResponses[keyof RagChangeAliasResponses];

export type WorkersListData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/workers';
};

export type WorkersListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkersListError = WorkersListErrors[keyof WorkersListErrors];

export type WorkersListResponses = {
  200: {
    items: Array<{
      id: string;
      host: string;
      pid: number;
      live: boolean;
      started_at: string;
      lease_until: string;
      node_types: Array<string>;
      /**
       * The tools that its agents can be given; null: it does not say.
       */
      agent_tools: Array<string> | null;
      /**
       * The pools whose nodes it executes.
       */
      pools: Array<string>;
      /**
       * False: it serves its pools only.
       */
      takes_runs: boolean;
      /**
       * Runs and nodes that it takes at once; null: it does not say.
       */
      capacity: {
        runs: number;
        nodes: number;
      } | null;
      /**
       * What it had in work when it was last heard; nodes of pools are not counted.
       */
      load: {
        runs: number;
        nodes: number;
      };
    }>;
  };
};

export type WorkersListResponse = WorkersListResponses[keyof WorkersListResponses];

export type CapacityFindData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/workflow-capacity';
};

export type CapacityFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type CapacityFindError = CapacityFindErrors[keyof CapacityFindErrors];

export type CapacityFindResponses = {
  /**
   * Limits, what is used and free, and the backlog.
   */
  200: {
    /**
     * What carries the jobs; `/admin/queues` shows those of `bullmq`.
     */
    queue: 'bullmq' | 'memory';
    /**
     * Runs that all workers together advance; null while the queue does not answer.
     */
    active_runs: {
      limit: number;
      used: number;
      free: number;
    } | null;
    /**
     * Queued runs, those that wait for a place included.
     */
    backlog: {
      limit: number;
      used: number;
      free: number;
    };
    /**
     * Since when a run has been due with no worker on it; null: none is.
     */
    oldest_due_at: string | null;
    /**
     * Live workers, with what they had in work when they were last heard.
     */
    workers: Array<{
      id: string;
      pools: Array<string>;
      /**
       * WORKER_CONCURRENCY; null: it serves its pools only, or does not say.
       */
      runs: {
        limit: number;
        used: number;
        free: number;
      } | null;
      /**
       * WORKER_NODES; those of pools are not counted.
       */
      nodes: {
        limit: number;
        used: number;
        free: number;
      } | null;
    }>;
    /**
     * The places of all workers added up.
     */
    places: {
      runs: {
        limit: number;
        used: number;
        free: number;
      };
      nodes: {
        limit: number;
        used: number;
        free: number;
      };
    };
    /**
     * Live runs of the tenant; null where no run was started under such a limit.
     */
    tenant: {
      limit: number;
      used: number;
      free: number;
      /**
       * Runs that wait for a place.
       */
      waiting: number;
      on_limit: 'reject' | 'queue' | 'cancel_oldest';
    } | null;
    /**
     * Live runs of the workflows that have a limit.
     */
    workflows: Array<{
      limit: number;
      used: number;
      free: number;
      /**
       * Runs that wait for a place.
       */
      waiting: number;
      on_limit: 'reject' | 'queue' | 'cancel_oldest';
      workflow: string;
    }>;
    /**
     * How long runs of the tenant are kept after their end; null: for ever.
     */
    retention_days: number | null;
    pools: Array<{
      pool: string;
      workers: number;
      waiting: number | null;
      active: number | null;
    }>;
  };
};

export type CapacityFindResponse = CapacityFindResponses[keyof CapacityFindResponses];

export type CapacityFindAliasData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/workflow-capacity';
};

export type CapacityFindAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type CapacityFindAliasError = CapacityFindAliasErrors[keyof CapacityFindAliasErrors];

export type CapacityFindAliasResponses = {
  /**
   * Limits, what is used and free, and the backlog.
   */
  200: {
    /**
     * What carries the jobs; `/admin/queues` shows those of `bullmq`.
     */
    queue: 'bullmq' | 'memory';
    /**
     * Runs that all workers together advance; null while the queue does not answer.
     */
    active_runs: {
      limit: number;
      used: number;
      free: number;
    } | null;
    /**
     * Queued runs, those that wait for a place included.
     */
    backlog: {
      limit: number;
      used: number;
      free: number;
    };
    /**
     * Since when a run has been due with no worker on it; null: none is.
     */
    oldest_due_at: string | null;
    /**
     * Live workers, with what they had in work when they were last heard.
     */
    workers: Array<{
      id: string;
      pools: Array<string>;
      /**
       * WORKER_CONCURRENCY; null: it serves its pools only, or does not say.
       */
      runs: {
        limit: number;
        used: number;
        free: number;
      } | null;
      /**
       * WORKER_NODES; those of pools are not counted.
       */
      nodes: {
        limit: number;
        used: number;
        free: number;
      } | null;
    }>;
    /**
     * The places of all workers added up.
     */
    places: {
      runs: {
        limit: number;
        used: number;
        free: number;
      };
      nodes: {
        limit: number;
        used: number;
        free: number;
      };
    };
    /**
     * Live runs of the tenant; null where no run was started under such a limit.
     */
    tenant: {
      limit: number;
      used: number;
      free: number;
      /**
       * Runs that wait for a place.
       */
      waiting: number;
      on_limit: 'reject' | 'queue' | 'cancel_oldest';
    } | null;
    /**
     * Live runs of the workflows that have a limit.
     */
    workflows: Array<{
      limit: number;
      used: number;
      free: number;
      /**
       * Runs that wait for a place.
       */
      waiting: number;
      on_limit: 'reject' | 'queue' | 'cancel_oldest';
      workflow: string;
    }>;
    /**
     * How long runs of the tenant are kept after their end; null: for ever.
     */
    retention_days: number | null;
    pools: Array<{
      pool: string;
      workers: number;
      waiting: number | null;
      active: number | null;
    }>;
  };
};

export type CapacityFindAliasResponse = CapacityFindAliasResponses[keyof CapacityFindAliasResponses];

export type DeadLettersListData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * Its id or name.
     */
    workflow?: string;
    /**
     * The code of the error.
     */
    code?: string;
    node_type?: string;
    /**
     * Left at this instant or later.
     */
    from?: string;
    /**
     * Left before it.
     */
    to?: string;
    status?: 'open' | 'replayed' | 'discarded';
    limit?: number;
    cursor?: string;
  };
  url: '/api/v1/dead-letters';
};

export type DeadLettersListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DeadLettersListError = DeadLettersListErrors[keyof DeadLettersListErrors];

export type DeadLettersListResponses = {
  /**
   * Newest first; open ones unless asked otherwise.
   */
  200: {
    items: Array<{
      /**
       * The id of its run.
       */
      id: string;
      /**
       * The run failed; or it ended without nodes that failed.
       */
      kind: 'run' | 'nodes';
      status: 'open' | 'replayed' | 'discarded';
      at: string;
      workflow: {
        id: string;
        name: string;
        version: number;
      };
      task_id: string | null;
      /**
       * The node that failed, the first one; null where it is the run itself.
       */
      node_id: string | null;
      node_type: string | null;
      failed_nodes: number;
      /**
       * Tries of that node that failed.
       */
      attempts: number;
      error: {
        code: string;
        message: string;
        retryable?: boolean;
        retry_after_ms?: number;
        details?: {
          [key: string]: unknown;
        };
      };
      /**
       * The run that went on from what failed.
       */
      replay_run_id: string | null;
      resolved_at: string | null;
      resolved_by: string | null;
      links: {
        run: string;
        timeline: string;
      };
    }>;
    next_cursor: string | null;
  };
};

export type DeadLettersListResponse = DeadLettersListResponses[keyof DeadLettersListResponses];

export type DeadLettersFindData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/dead-letters/{id}';
};

export type DeadLettersFindErrors = {
  /**
   * The run has left no dead letter.
   */
  404: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DeadLettersFindError = DeadLettersFindErrors[keyof DeadLettersFindErrors];

export type DeadLettersFindResponses = {
  /**
   * What failed, how, and with which input.
   */
  200: {
    /**
     * The id of its run.
     */
    id: string;
    /**
     * The run failed; or it ended without nodes that failed.
     */
    kind: 'run' | 'nodes';
    status: 'open' | 'replayed' | 'discarded';
    at: string;
    workflow: {
      id: string;
      name: string;
      version: number;
    };
    task_id: string | null;
    /**
     * The node that failed, the first one; null where it is the run itself.
     */
    node_id: string | null;
    node_type: string | null;
    failed_nodes: number;
    /**
     * Tries of that node that failed.
     */
    attempts: number;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    };
    /**
     * The run that went on from what failed.
     */
    replay_run_id: string | null;
    resolved_at: string | null;
    resolved_by: string | null;
    links: {
      run: string;
      timeline: string;
    };
    /**
     * What the run was started with.
     */
    input: Schema0;
  };
};

export type DeadLettersFindResponse = DeadLettersFindResponses[keyof DeadLettersFindResponses];

export type DeadLettersBulkData = {
  body: {
    action: 'replay' | 'discard';
    filter?: {
      /**
       * Its id or name.
       */
      workflow?: string;
      /**
       * The code of the error.
       */
      code?: string;
      node_type?: string;
      /**
       * Left at this instant or later.
       */
      from?: string;
      /**
       * Left before it.
       */
      to?: string;
    };
    limit?: number;
  };
  path?: never;
  query?: never;
  url: '/api/v1/dead-letters/bulk';
};

export type DeadLettersBulkErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DeadLettersBulkError = DeadLettersBulkErrors[keyof DeadLettersBulkErrors];

export type DeadLettersBulkResponses = {
  /**
   * Which open letters were settled, and which refuse.
   */
  200: {
    done: Array<{
      id: string;
      replay_run_id: string | null;
    }>;
    refused: Array<{
      id: string;
      code: string;
      detail: string;
    }>;
    /**
     * There are more letters than `limit`.
     */
    more: boolean;
  };
};

export type DeadLettersBulkResponse = DeadLettersBulkResponses[keyof DeadLettersBulkResponses];

export type DeadLettersReplayData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/dead-letters/{id}/replay';
};

export type DeadLettersReplayErrors = {
  /**
   * The run has left no dead letter.
   */
  404: unknown;
  /**
   * It was discarded, or its task has a live run.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DeadLettersReplayError = DeadLettersReplayErrors[keyof DeadLettersReplayErrors];

export type DeadLettersReplayResponses = {
  /**
   * A new run goes on from what failed; the same one when asked again.
   */
  200: {
    /**
     * The id of its run.
     */
    id: string;
    /**
     * The run failed; or it ended without nodes that failed.
     */
    kind: 'run' | 'nodes';
    status: 'open' | 'replayed' | 'discarded';
    at: string;
    workflow: {
      id: string;
      name: string;
      version: number;
    };
    task_id: string | null;
    /**
     * The node that failed, the first one; null where it is the run itself.
     */
    node_id: string | null;
    node_type: string | null;
    failed_nodes: number;
    /**
     * Tries of that node that failed.
     */
    attempts: number;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    };
    /**
     * The run that went on from what failed.
     */
    replay_run_id: string | null;
    resolved_at: string | null;
    resolved_by: string | null;
    links: {
      run: string;
      timeline: string;
    };
  };
};

export type DeadLettersReplayResponse = DeadLettersReplayResponses[keyof DeadLettersReplayResponses];

export type DeadLettersDiscardData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/dead-letters/{id}/discard';
};

export type DeadLettersDiscardErrors = {
  /**
   * The run has left no dead letter.
   */
  404: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DeadLettersDiscardError = DeadLettersDiscardErrors[keyof DeadLettersDiscardErrors];

export type DeadLettersDiscardResponses = {
  /**
   * It is put aside; a letter that was replayed stays so.
   */
  200: {
    /**
     * The id of its run.
     */
    id: string;
    /**
     * The run failed; or it ended without nodes that failed.
     */
    kind: 'run' | 'nodes';
    status: 'open' | 'replayed' | 'discarded';
    at: string;
    workflow: {
      id: string;
      name: string;
      version: number;
    };
    task_id: string | null;
    /**
     * The node that failed, the first one; null where it is the run itself.
     */
    node_id: string | null;
    node_type: string | null;
    failed_nodes: number;
    /**
     * Tries of that node that failed.
     */
    attempts: number;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    };
    /**
     * The run that went on from what failed.
     */
    replay_run_id: string | null;
    resolved_at: string | null;
    resolved_by: string | null;
    links: {
      run: string;
      timeline: string;
    };
  };
};

export type DeadLettersDiscardResponse = DeadLettersDiscardResponses[keyof DeadLettersDiscardResponses];

export type DemoReadData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/demo';
};

export type DemoReadErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DemoReadError = DemoReadErrors[keyof DemoReadErrors];

export type DemoReadResponses = {
  200: {
    enabled: boolean;
    /**
     * The run to look at; null: it is still being prepared, or there is no demo.
     */
    run_id: string | null;
    /**
     * False: it has just been killed and is started again, or there is no demo.
     */
    worker_alive: boolean;
  };
};

export type DemoReadResponse = DemoReadResponses[keyof DemoReadResponses];

export type DemoKillWorkerData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/demo/worker/kill';
};

export type DemoKillWorkerErrors = {
  /**
   * There is no demo here.
   */
  404: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type DemoKillWorkerError = DemoKillWorkerErrors[keyof DemoKillWorkerErrors];

export type DemoKillWorkerResponses = {
  /**
   * `kill -9` of the worker of the demo.
   */
  200: {
    /**
     * False: it was being started just then.
     */
    killed: boolean;
  };
};

export type DemoKillWorkerResponse = DemoKillWorkerResponses[keyof DemoKillWorkerResponses];

export type TargetsListData = {
  body?: never;
  path?: never;
  query?: {
    limit?: number;
    after?: string;
  };
  url: '/api/v1/health/targets';
};

export type TargetsListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type TargetsListError = TargetsListErrors[keyof TargetsListErrors];

export type TargetsListResponses = {
  /**
   * By name.
   */
  200: {
    items: Array<{
      target: string;
      /**
       * `half_open`: the next call tries whether it is back.
       */
      state: 'closed' | 'open' | 'half_open';
      failures_in_a_row: number;
      /**
       * Since when calls are stopped.
       */
      since: string | null;
      /**
       * From when on one call may try.
       */
      until: string | null;
      last_error: {
        message: string;
        at: string | null;
      } | null;
      window: {
        minutes: number;
        calls: number;
        failures: number;
        /**
         * Null: it was not called.
         */
        success_rate: number | null;
        average_ms: number | null;
        max_ms: number | null;
      };
    }>;
    next_after: string | null;
  };
};

export type TargetsListResponse = TargetsListResponses[keyof TargetsListResponses];

export type UsageSumData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * The first day, of UTC; 30 days when absent.
     */
    from?: string;
    /**
     * The last day; today when absent.
     */
    to?: string;
    /**
     * Any of day, workflow, run, node, agent, model; empty: one sum of all.
     */
    group_by?: string;
    /**
     * Its id or name.
     */
    workflow?: string;
    run_id?: string;
    agent?: string;
    /**
     * `provider/model`.
     */
    model?: string;
    limit?: number;
  };
  url: '/api/v1/usage';
};

export type UsageSumErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type UsageSumError = UsageSumErrors[keyof UsageSumErrors];

export type UsageSumResponses = {
  /**
   * Sums of the tenant, by what is asked for.
   */
  200: {
    from: string;
    to: string;
    /**
     * By day where days are told apart, then what costs most.
     */
    items: Array<{
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
      day?: string;
      workflow?: {
        id: string;
        name: string;
      };
      run_id?: string;
      node_id?: string;
      agent?: string;
      model?: string;
    }>;
    /**
     * There are more than `limit`: narrow the question.
     */
    truncated: boolean;
    /**
     * Of all that the question covers, also of what is not listed.
     */
    total: {
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
    };
  };
};

export type UsageSumResponse = UsageSumResponses[keyof UsageSumResponses];

export type BudgetRemoveData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/budget';
};

export type BudgetRemoveErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type BudgetRemoveError = BudgetRemoveErrors[keyof BudgetRemoveErrors];

export type BudgetRemoveResponses = {
  /**
   * Removed: what is configured for all tenants holds.
   */
  200: {
    /**
     * `config`: the tenant has no budget of its own, and `TENANT_BUDGET` holds.
     */
    source: 'tenant' | 'config';
    on_budget: 'ask' | 'fail';
    /**
     * Those that are limited, as they stand now, in days of UTC.
     */
    periods: Array<{
      period: 'day' | 'month';
      from: string;
      to: string;
      ends_at: string;
      amounts: Array<{
        /**
         * `cost_micros`: millionths of money.
         */
        amount: 'tokens' | 'cost_micros' | 'model_calls';
        /**
         * With what was granted.
         */
        limit: number;
        used: number;
        /**
         * By calls in work, at most.
         */
        held: number;
        left: number;
      }>;
    }>;
  };
};

export type BudgetRemoveResponse = BudgetRemoveResponses[keyof BudgetRemoveResponses];

export type BudgetFindData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/budget';
};

export type BudgetFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type BudgetFindError = BudgetFindErrors[keyof BudgetFindErrors];

export type BudgetFindResponses = {
  /**
   * The budget of the tenant, as it stands.
   */
  200: {
    /**
     * `config`: the tenant has no budget of its own, and `TENANT_BUDGET` holds.
     */
    source: 'tenant' | 'config';
    on_budget: 'ask' | 'fail';
    /**
     * Those that are limited, as they stand now, in days of UTC.
     */
    periods: Array<{
      period: 'day' | 'month';
      from: string;
      to: string;
      ends_at: string;
      amounts: Array<{
        /**
         * `cost_micros`: millionths of money.
         */
        amount: 'tokens' | 'cost_micros' | 'model_calls';
        /**
         * With what was granted.
         */
        limit: number;
        used: number;
        /**
         * By calls in work, at most.
         */
        held: number;
        left: number;
      }>;
    }>;
  };
};

export type BudgetFindResponse = BudgetFindResponses[keyof BudgetFindResponses];

export type BudgetSetData = {
  /**
   * Replaces the budget of the tenant; what it leaves out is not limited.
   */
  body: {
    day?: {
      /**
       * Of prompts and answers together.
       */
      tokens?: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros?: number;
      model_calls?: number;
    };
    month?: {
      /**
       * Of prompts and answers together.
       */
      tokens?: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros?: number;
      model_calls?: number;
    };
    on_budget?: 'ask' | 'fail';
  };
  path?: never;
  query?: never;
  url: '/api/v1/budget';
};

export type BudgetSetErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type BudgetSetError = BudgetSetErrors[keyof BudgetSetErrors];

export type BudgetSetResponses = {
  /**
   * Set: calls heed it within five seconds.
   */
  200: {
    /**
     * `config`: the tenant has no budget of its own, and `TENANT_BUDGET` holds.
     */
    source: 'tenant' | 'config';
    on_budget: 'ask' | 'fail';
    /**
     * Those that are limited, as they stand now, in days of UTC.
     */
    periods: Array<{
      period: 'day' | 'month';
      from: string;
      to: string;
      ends_at: string;
      amounts: Array<{
        /**
         * `cost_micros`: millionths of money.
         */
        amount: 'tokens' | 'cost_micros' | 'model_calls';
        /**
         * With what was granted.
         */
        limit: number;
        used: number;
        /**
         * By calls in work, at most.
         */
        held: number;
        left: number;
      }>;
    }>;
  };
};

export type BudgetSetResponse = BudgetSetResponses[keyof BudgetSetResponses];

export type AnalyticsSummaryData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * A day of UTC or an instant: the span in which it lies is the first. 30 days or 24 hours when absent.
     */
    from?: string | string;
    /**
     * A day of UTC or an instant: the span in which it lies is the last; now when absent.
     */
    to?: string | string;
    /**
     * The spans of the period: at most 366 days, or 72 hours.
     */
    interval?: 'hour' | 'day';
    /**
     * Its id or name.
     */
    workflow?: string;
  };
  url: '/api/v1/analytics/summary';
};

export type AnalyticsSummaryErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AnalyticsSummaryError = AnalyticsSummaryErrors[keyof AnalyticsSummaryErrors];

export type AnalyticsSummaryResponses = {
  /**
   * Figures of the runs that ended in the period.
   */
  200: {
    from: string;
    /**
     * The first instant after it.
     */
    to: string;
    interval: 'hour' | 'day';
    runs: {
      ended: number;
      completed: number;
      failed: number;
      cancelled: number;
    };
    /**
     * The part of those that completed or failed which completed, 0 to 1; null where there is none.
     */
    success_rate: number | null;
    /**
     * Of those that completed, from the first claim to the end; percentiles are off by less than 5 %.
     */
    duration_ms: {
      mean: number;
      p50: number;
      p95: number;
    } | null;
    /**
     * Runs that ended, by the hours of the period that have passed.
     */
    runs_per_hour: number;
    /**
     * Of the runs that ended.
     */
    usage: {
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
    };
    /**
     * Runs that have not ended, as of now, whatever the period.
     */
    live: {
      queued: number;
      running: number;
      waiting: number;
      paused: number;
      compensating: number;
    };
    /**
     * One for each span of the period, in order.
     */
    points: Array<{
      runs: {
        ended: number;
        completed: number;
        failed: number;
        cancelled: number;
      };
      /**
       * The part of those that completed or failed which completed, 0 to 1; null where there is none.
       */
      success_rate: number | null;
      /**
       * Of those that completed, from the first claim to the end; percentiles are off by less than 5 %.
       */
      duration_ms: {
        mean: number;
        p50: number;
        p95: number;
      } | null;
      at: string;
      usage: {
        model_calls: number;
        prompt_tokens: number;
        completion_tokens: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros: number;
      };
    }>;
  };
};

export type AnalyticsSummaryResponse = AnalyticsSummaryResponses[keyof AnalyticsSummaryResponses];

export type AnalyticsWorkflowsData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * A day of UTC or an instant: the span in which it lies is the first. 30 days or 24 hours when absent.
     */
    from?: string | string;
    /**
     * A day of UTC or an instant: the span in which it lies is the last; now when absent.
     */
    to?: string | string;
    /**
     * The spans of the period: at most 366 days, or 72 hours.
     */
    interval?: 'hour' | 'day';
    /**
     * Its id or name.
     */
    workflow?: string;
    limit?: number;
  };
  url: '/api/v1/analytics/workflows';
};

export type AnalyticsWorkflowsErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AnalyticsWorkflowsError = AnalyticsWorkflowsErrors[keyof AnalyticsWorkflowsErrors];

export type AnalyticsWorkflowsResponses = {
  /**
   * The same for each workflow.
   */
  200: {
    from: string;
    /**
     * The first instant after it.
     */
    to: string;
    interval: 'hour' | 'day';
    /**
     * Those of which most runs ended first.
     */
    items: Array<{
      runs: {
        ended: number;
        completed: number;
        failed: number;
        cancelled: number;
      };
      /**
       * The part of those that completed or failed which completed, 0 to 1; null where there is none.
       */
      success_rate: number | null;
      /**
       * Of those that completed, from the first claim to the end; percentiles are off by less than 5 %.
       */
      duration_ms: {
        mean: number;
        p50: number;
        p95: number;
      } | null;
      workflow: {
        id: string;
        name: string;
      };
      usage: {
        model_calls: number;
        prompt_tokens: number;
        completion_tokens: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros: number;
      };
    }>;
    /**
     * There are more than `limit`.
     */
    truncated: boolean;
  };
};

export type AnalyticsWorkflowsResponse = AnalyticsWorkflowsResponses[keyof AnalyticsWorkflowsResponses];

export type AnalyticsCostsData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * A day of UTC or an instant: the span in which it lies is the first. 30 days or 24 hours when absent.
     */
    from?: string | string;
    /**
     * A day of UTC or an instant: the span in which it lies is the last; now when absent.
     */
    to?: string | string;
    /**
     * The spans of the period: at most 366 days, or 72 hours.
     */
    interval?: 'hour' | 'day';
    /**
     * Its id or name.
     */
    workflow?: string;
    limit?: number;
  };
  url: '/api/v1/analytics/costs';
};

export type AnalyticsCostsErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AnalyticsCostsError = AnalyticsCostsErrors[keyof AnalyticsCostsErrors];

export type AnalyticsCostsResponses = {
  /**
   * What the runs that ended in the period have cost.
   */
  200: {
    from: string;
    /**
     * The first instant after it.
     */
    to: string;
    interval: 'hour' | 'day';
    total: {
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
    };
    /**
     * Runs that ended.
     */
    runs: number;
    /**
     * Of a run that ended, whether it called models or not.
     */
    average_cost_micros: number;
    /**
     * One for each span of the period, in order.
     */
    points: Array<{
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
      at: string;
    }>;
    /**
     * What cost most first, as many as `limit`.
     */
    by_workflow: Array<{
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
      workflow: {
        id: string;
        name: string;
      };
      /**
       * Spans in which it cost something; of the first ten alone.
       */
      points: Array<{
        model_calls: number;
        prompt_tokens: number;
        completion_tokens: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros: number;
        at: string;
      }>;
    }>;
    by_agent: Array<{
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
      agent: string;
    }>;
    by_model: Array<{
      model_calls: number;
      prompt_tokens: number;
      completion_tokens: number;
      /**
       * Millionths of the currency of the price table.
       */
      cost_micros: number;
      model: string;
    }>;
  };
};

export type AnalyticsCostsResponse = AnalyticsCostsResponses[keyof AnalyticsCostsResponses];

export type AnalyticsAliasSummaryData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * A day of UTC or an instant: the span in which it lies is the first. 30 days or 24 hours when absent.
     */
    from?: string | string;
    /**
     * A day of UTC or an instant: the span in which it lies is the last; now when absent.
     */
    to?: string | string;
    /**
     * The spans of the period: at most 366 days, or 72 hours.
     */
    interval?: 'hour' | 'day';
    /**
     * Its id or name.
     */
    workflow?: string;
  };
  url: '/analytics/summary';
};

export type AnalyticsAliasSummaryErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AnalyticsAliasSummaryError = AnalyticsAliasSummaryErrors[keyof AnalyticsAliasSummaryErrors];

export type AnalyticsAliasSummaryResponses = {
  /**
   * As `/api/v1/analytics/summary`.
   */
  200: {
    /**
     * Runs that ended in the period.
     */
    total_workflows: number;
    success_rate: number | null;
    /**
     * Seconds.
     */
    avg_execution_time: number | null;
    /**
     * In the currency of the price table.
     */
    total_cost: number;
  };
};

export type AnalyticsAliasSummaryResponse = AnalyticsAliasSummaryResponses[keyof AnalyticsAliasSummaryResponses];

export type AnalyticsAliasWorkflowsData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * A day of UTC or an instant: the span in which it lies is the first. 30 days or 24 hours when absent.
     */
    from?: string | string;
    /**
     * A day of UTC or an instant: the span in which it lies is the last; now when absent.
     */
    to?: string | string;
    /**
     * The spans of the period: at most 366 days, or 72 hours.
     */
    interval?: 'hour' | 'day';
    /**
     * Its id or name.
     */
    workflow?: string;
  };
  url: '/analytics/workflows';
};

export type AnalyticsAliasWorkflowsErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AnalyticsAliasWorkflowsError = AnalyticsAliasWorkflowsErrors[keyof AnalyticsAliasWorkflowsErrors];

export type AnalyticsAliasWorkflowsResponses = {
  /**
   * Runs now, in the period, and the newest.
   */
  200: {
    active_workflows: number;
    completed_workflows: number;
    /**
     * Runs that ended in the last 24 hours.
     */
    recent_24h: number;
    /**
     * Of the newest runs: their tasks, or themselves.
     */
    recent_task_ids: Array<string>;
  };
};

export type AnalyticsAliasWorkflowsResponse = AnalyticsAliasWorkflowsResponses[keyof AnalyticsAliasWorkflowsResponses];

export type AnalyticsAliasCostsData = {
  body?: never;
  path?: never;
  query?: {
    /**
     * A day of UTC or an instant: the span in which it lies is the first. 30 days or 24 hours when absent.
     */
    from?: string | string;
    /**
     * A day of UTC or an instant: the span in which it lies is the last; now when absent.
     */
    to?: string | string;
    /**
     * The spans of the period: at most 366 days, or 72 hours.
     */
    interval?: 'hour' | 'day';
    /**
     * Its id or name.
     */
    workflow?: string;
    limit?: number;
  };
  url: '/analytics/costs';
};

export type AnalyticsAliasCostsErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AnalyticsAliasCostsError = AnalyticsAliasCostsErrors[keyof AnalyticsAliasCostsErrors];

export type AnalyticsAliasCostsResponses = {
  /**
   * As `/api/v1/analytics/costs`.
   */
  200: {
    /**
     * In the currency of the price table.
     */
    total_cost_usd: number;
    average_cost_usd: number;
    workflow_count: number;
  };
};

export type AnalyticsAliasCostsResponse = AnalyticsAliasCostsResponses[keyof AnalyticsAliasCostsResponses];

export type WorkflowsListData = {
  body?: never;
  path?: never;
  query?: {
    limit?: number;
    after?: string;
    archived?: 'true' | 'false';
  };
  url: '/api/v1/workflows';
};

export type WorkflowsListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowsListError = WorkflowsListErrors[keyof WorkflowsListErrors];

export type WorkflowsListResponses = {
  /**
   * The newest version of each, by name.
   */
  200: {
    items: Array<{
      workflow_id: string;
      name: string;
      version: number;
      digest: string;
      created_at: string;
      archived_at: string | null;
    }>;
    next_after: string | null;
  };
};

export type WorkflowsListResponse = WorkflowsListResponses[keyof WorkflowsListResponses];

export type WorkflowsPublishData = {
  /**
   * A definition: nodes, or agents and tasks; bare, under `workflow`, or under `definition` as an object or as YAML.
   */
  body: unknown;
  path?: never;
  query?: {
    /**
     * The version that the definition was made from; 0: the workflow is to be new. Absent: whatever is the newest.
     */
    base_version?: number;
  };
  url: '/api/v1/workflows';
};

export type WorkflowsPublishErrors = {
  /**
   * The orchestration pattern is not supported.
   */
  400: unknown;
  /**
   * A newer version than `base_version` is there: `version`.
   */
  409: unknown;
  /**
   * The definition is not valid or too large: `problems` names everything at once.
   */
  422: unknown;
  /**
   * It needs more than there is in all.
   */
  507: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowsPublishError = WorkflowsPublishErrors[keyof WorkflowsPublishErrors];

export type WorkflowsPublishResponses = {
  /**
   * The newest version is equal: nothing has changed.
   */
  200: {
    workflow_id: string;
    name: string;
    version: number;
    digest: string;
    status: 'validated';
    validation_report: {
      valid: boolean;
      errors: Array<{
        /**
         * A JSON pointer into what was sent, or into what it makes.
         */
        pointer: string;
        message: string;
        code?: string;
        remedy?: string;
        /**
         * Where in the text of an expression.
         */
        position?: {
          start: number;
          end: number;
        };
      }>;
      warnings: Array<{
        /**
         * A JSON pointer into what was sent, or into what it makes.
         */
        pointer: string;
        message: string;
        code?: string;
        remedy?: string;
        /**
         * Where in the text of an expression.
         */
        position?: {
          start: number;
          end: number;
        };
      }>;
      graph: {
        nodes: number;
        edges: number;
        depth: number;
        width: number;
        /**
         * Ids, level by level: what could start together.
         */
        levels: Array<Array<string>>;
        critical_path: Array<string>;
        critical_path_seconds: number;
        /**
         * What each node is expected to take, by its id; measured: the median of recent runs.
         */
        durations: {
          [key: string]: {
            seconds: number;
            source: 'declared' | 'measured' | 'assumed';
          };
        };
      } | null;
    };
    estimated_resources: {
      agents: {
        total: number;
        by_type: {
          [key: string]: number;
        };
      };
      max_parallelism: number;
      max_parallel_agents: number;
      cpu_cores: number;
      memory_bytes: number;
      estimated_duration_seconds: number;
    } | null;
  };
  /**
   * A new version is kept.
   */
  201: {
    workflow_id: string;
    name: string;
    version: number;
    digest: string;
    status: 'validated';
    validation_report: {
      valid: boolean;
      errors: Array<{
        /**
         * A JSON pointer into what was sent, or into what it makes.
         */
        pointer: string;
        message: string;
        code?: string;
        remedy?: string;
        /**
         * Where in the text of an expression.
         */
        position?: {
          start: number;
          end: number;
        };
      }>;
      warnings: Array<{
        /**
         * A JSON pointer into what was sent, or into what it makes.
         */
        pointer: string;
        message: string;
        code?: string;
        remedy?: string;
        /**
         * Where in the text of an expression.
         */
        position?: {
          start: number;
          end: number;
        };
      }>;
      graph: {
        nodes: number;
        edges: number;
        depth: number;
        width: number;
        /**
         * Ids, level by level: what could start together.
         */
        levels: Array<Array<string>>;
        critical_path: Array<string>;
        critical_path_seconds: number;
        /**
         * What each node is expected to take, by its id; measured: the median of recent runs.
         */
        durations: {
          [key: string]: {
            seconds: number;
            source: 'declared' | 'measured' | 'assumed';
          };
        };
      } | null;
    };
    estimated_resources: {
      agents: {
        total: number;
        by_type: {
          [key: string]: number;
        };
      };
      max_parallelism: number;
      max_parallel_agents: number;
      cpu_cores: number;
      memory_bytes: number;
      estimated_duration_seconds: number;
    } | null;
  };
};

export type WorkflowsPublishResponse = WorkflowsPublishResponses[keyof WorkflowsPublishResponses];

export type WorkflowsValidateData = {
  /**
   * A definition: nodes, or agents and tasks; bare, under `workflow`, or under `definition` as an object or as YAML.
   */
  body: unknown;
  path?: never;
  query?: never;
  url: '/api/v1/workflows/validate';
};

export type WorkflowsValidateErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowsValidateError = WorkflowsValidateErrors[keyof WorkflowsValidateErrors];

export type WorkflowsValidateResponses = {
  /**
   * The report, also of a definition that is not valid.
   */
  200: {
    status: 'validated' | 'invalid';
    validation_report: {
      valid: boolean;
      errors: Array<{
        /**
         * A JSON pointer into what was sent, or into what it makes.
         */
        pointer: string;
        message: string;
        code?: string;
        remedy?: string;
        /**
         * Where in the text of an expression.
         */
        position?: {
          start: number;
          end: number;
        };
      }>;
      warnings: Array<{
        /**
         * A JSON pointer into what was sent, or into what it makes.
         */
        pointer: string;
        message: string;
        code?: string;
        remedy?: string;
        /**
         * Where in the text of an expression.
         */
        position?: {
          start: number;
          end: number;
        };
      }>;
      graph: {
        nodes: number;
        edges: number;
        depth: number;
        width: number;
        /**
         * Ids, level by level: what could start together.
         */
        levels: Array<Array<string>>;
        critical_path: Array<string>;
        critical_path_seconds: number;
        /**
         * What each node is expected to take, by its id; measured: the median of recent runs.
         */
        durations: {
          [key: string]: {
            seconds: number;
            source: 'declared' | 'measured' | 'assumed';
          };
        };
      } | null;
    };
    estimated_resources: {
      agents: {
        total: number;
        by_type: {
          [key: string]: number;
        };
      };
      max_parallelism: number;
      max_parallel_agents: number;
      cpu_cores: number;
      memory_bytes: number;
      estimated_duration_seconds: number;
    } | null;
    /**
     * The canonical form; null where it has none.
     */
    definition: unknown;
  };
};

export type WorkflowsValidateResponse = WorkflowsValidateResponses[keyof WorkflowsValidateResponses];

export type WorkflowsArchiveData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/workflows/{id}';
};

export type WorkflowsArchiveErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowsArchiveError = WorkflowsArchiveErrors[keyof WorkflowsArchiveErrors];

export type WorkflowsArchiveResponses = {
  /**
   * The workflow, archived.
   */
  200: {
    workflow_id: string;
    name: string;
    version: number;
    digest: string;
    created_at: string;
    archived_at: string | null;
  };
};

export type WorkflowsArchiveResponse = WorkflowsArchiveResponses[keyof WorkflowsArchiveResponses];

export type WorkflowsFindData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    version?: number;
  };
  url: '/api/v1/workflows/{id}';
};

export type WorkflowsFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowsFindError = WorkflowsFindErrors[keyof WorkflowsFindErrors];

export type WorkflowsFindResponses = {
  /**
   * The newest version, or the one asked for.
   */
  200: {
    workflow_id: string;
    name: string;
    version: number;
    digest: string;
    created_at: string;
    archived_at: string | null;
    definition: unknown;
    source: {
      format: 'json' | 'yaml';
      text: string;
    } | null;
  };
};

export type WorkflowsFindResponse = WorkflowsFindResponses[keyof WorkflowsFindResponses];

export type WorkflowsReplaceData = {
  /**
   * A definition: nodes, or agents and tasks; bare, under `workflow`, or under `definition` as an object or as YAML.
   */
  body: unknown;
  path: {
    id: string;
  };
  query?: {
    /**
     * The version that the definition was made from; 0: the workflow is to be new. Absent: whatever is the newest.
     */
    base_version?: number;
  };
  url: '/api/v1/workflows/{id}';
};

export type WorkflowsReplaceErrors = {
  /**
   * The orchestration pattern is not supported.
   */
  400: unknown;
  /**
   * A newer version than `base_version` is there: `version`.
   */
  409: unknown;
  /**
   * The definition is not valid or too large: `problems` names everything at once.
   */
  422: unknown;
  /**
   * It needs more than there is in all.
   */
  507: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowsReplaceError = WorkflowsReplaceErrors[keyof WorkflowsReplaceErrors];

export type WorkflowsReplaceResponses = {
  /**
   * The new version, or the newest one when it is equal.
   */
  200: {
    workflow_id: string;
    name: string;
    version: number;
    digest: string;
    status: 'validated';
    validation_report: {
      valid: boolean;
      errors: Array<{
        /**
         * A JSON pointer into what was sent, or into what it makes.
         */
        pointer: string;
        message: string;
        code?: string;
        remedy?: string;
        /**
         * Where in the text of an expression.
         */
        position?: {
          start: number;
          end: number;
        };
      }>;
      warnings: Array<{
        /**
         * A JSON pointer into what was sent, or into what it makes.
         */
        pointer: string;
        message: string;
        code?: string;
        remedy?: string;
        /**
         * Where in the text of an expression.
         */
        position?: {
          start: number;
          end: number;
        };
      }>;
      graph: {
        nodes: number;
        edges: number;
        depth: number;
        width: number;
        /**
         * Ids, level by level: what could start together.
         */
        levels: Array<Array<string>>;
        critical_path: Array<string>;
        critical_path_seconds: number;
        /**
         * What each node is expected to take, by its id; measured: the median of recent runs.
         */
        durations: {
          [key: string]: {
            seconds: number;
            source: 'declared' | 'measured' | 'assumed';
          };
        };
      } | null;
    };
    estimated_resources: {
      agents: {
        total: number;
        by_type: {
          [key: string]: number;
        };
      };
      max_parallelism: number;
      max_parallel_agents: number;
      cpu_cores: number;
      memory_bytes: number;
      estimated_duration_seconds: number;
    } | null;
  };
};

export type WorkflowsReplaceResponse = WorkflowsReplaceResponses[keyof WorkflowsReplaceResponses];

export type WorkflowsVersionsData = {
  body?: never;
  path: {
    id: string;
  };
  query?: {
    limit?: number;
    before?: number;
  };
  url: '/api/v1/workflows/{id}/versions';
};

export type WorkflowsVersionsErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowsVersionsError = WorkflowsVersionsErrors[keyof WorkflowsVersionsErrors];

export type WorkflowsVersionsResponses = {
  /**
   * Newest first.
   */
  200: {
    items: Array<{
      workflow_id: string;
      name: string;
      version: number;
      digest: string;
      created_at: string;
      archived_at: string | null;
    }>;
    next_before: number | null;
  };
};

export type WorkflowsVersionsResponse = WorkflowsVersionsResponses[keyof WorkflowsVersionsResponses];

export type WorkflowsExecuteData = {
  body: {
    /**
     * The input of the run; an object as a rule.
     */
    input_data: unknown;
    /**
     * The newest when absent.
     */
    version?: number;
    execution_options?: {
      /**
       * Seconds that the run may take.
       */
      timeout?: number;
      /**
       * `high` passes the others of its tenant, `low` lets many of them pass; `normal` when absent.
       */
      priority?: 'high' | 'normal' | 'low';
      /**
       * Lowers the budget of the run; it never raises it.
       */
      budget?: {
        /**
         * Of prompts and answers together.
         */
        tokens?: number;
        /**
         * Millionths of the currency of the price table.
         */
        cost_micros?: number;
        model_calls?: number;
        /**
         * Seconds that the run may be in work; parked time is not counted.
         */
        wall_time?: number;
        /**
         * Agents that it may add to itself.
         */
        agents_added?: number;
        /**
         * How deep its child runs may stand.
         */
        depth?: number;
      };
      /**
       * The policy of all nodes, by name.
       */
      retry_policy?: string;
      resource_constraints?: {
        agents?: number;
        cpu?: number | string;
        memory?: number | string;
      };
    };
  };
  headers?: {
    'Idempotency-Key'?: string;
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/workflows/{id}/execute';
};

export type WorkflowsExecuteErrors = {
  /**
   * There is no such workflow.
   */
  404: unknown;
  /**
   * The workflow takes no new runs, or runs one at a time and is at it.
   */
  409: unknown;
  /**
   * It needs more than it may have.
   */
  507: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WorkflowsExecuteError = WorkflowsExecuteErrors[keyof WorkflowsExecuteErrors];

export type WorkflowsExecuteResponses = {
  /**
   * Accepted: the run is durable.
   */
  202: {
    execution_id: string;
    workflow_id: string;
    version: number;
    status: 'planning';
    allocated_agents: Array<{
      name: string;
      type: string;
      count: number;
    }>;
    execution_url: string;
  };
};

export type WorkflowsExecuteResponse = WorkflowsExecuteResponses[keyof WorkflowsExecuteResponses];

export type PatternsListData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/patterns/available';
};

export type PatternsListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatternsListError = PatternsListErrors[keyof PatternsListErrors];

export type PatternsListResponses = {
  /**
   * Those of Baton first, then those that are kept as data.
   */
  200: {
    patterns: Array<{
      name: string;
      description: string;
      /**
       * `custom`: kept as data by this tenant.
       */
      origin: 'built_in' | 'custom';
      /**
       * JSON Schema of the parameters.
       */
      parameters: {
        [key: string]: Schema0;
      };
      /**
       * Parameters that work as they stand.
       */
      example: {
        [key: string]: Schema1;
      };
      template?: {
        nodes: Array<{
          [key: string]: Schema2;
        }>;
        output: string;
      };
      created_at?: string;
      updated_at?: string;
    }>;
  };
};

export type PatternsListResponse = PatternsListResponses[keyof PatternsListResponses];

export type PatternsListAliasData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/patterns';
};

export type PatternsListAliasErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatternsListAliasError = PatternsListAliasErrors[keyof PatternsListAliasErrors];

export type PatternsListAliasResponses = {
  /**
   * Those of Baton first, then those that are kept as data.
   */
  200: {
    patterns: Array<{
      name: string;
      description: string;
      /**
       * `custom`: kept as data by this tenant.
       */
      origin: 'built_in' | 'custom';
      /**
       * JSON Schema of the parameters.
       */
      parameters: {
        [key: string]: Schema0;
      };
      /**
       * Parameters that work as they stand.
       */
      example: {
        [key: string]: Schema1;
      };
      template?: {
        nodes: Array<{
          [key: string]: Schema2;
        }>;
        output: string;
      };
      created_at?: string;
      updated_at?: string;
    }>;
  };
};

export type PatternsListAliasResponse = PatternsListAliasResponses[keyof PatternsListAliasResponses];

export type PatternsCreateData = {
  body: {
    name: string;
    description: string;
    parameters?: {
      [key: string]: Schema0;
    };
    example?: {
      [key: string]: Schema1;
    };
    template: {
      nodes: Array<{
        [key: string]: Schema2;
      }>;
      output: string;
    };
  };
  path?: never;
  query?: never;
  url: '/api/v1/patterns';
};

export type PatternsCreateErrors = {
  /**
   * The name belongs to another pattern.
   */
  409: unknown;
  /**
   * The schema, the template or the example is not valid: `problems`.
   */
  422: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatternsCreateError = PatternsCreateErrors[keyof PatternsCreateErrors];

export type PatternsCreateResponses = {
  /**
   * The pattern is kept.
   */
  201: {
    name: string;
    description: string;
    /**
     * `custom`: kept as data by this tenant.
     */
    origin: 'built_in' | 'custom';
    /**
     * JSON Schema of the parameters.
     */
    parameters: {
      [key: string]: Schema0;
    };
    /**
     * Parameters that work as they stand.
     */
    example: {
      [key: string]: Schema1;
    };
    template?: {
      nodes: Array<{
        [key: string]: Schema2;
      }>;
      output: string;
    };
    created_at?: string;
    updated_at?: string;
  };
};

export type PatternsCreateResponse = PatternsCreateResponses[keyof PatternsCreateResponses];

export type PatternsRemoveData = {
  body?: never;
  path: {
    name: string;
  };
  query?: never;
  url: '/api/v1/patterns/{name}';
};

export type PatternsRemoveErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatternsRemoveError = PatternsRemoveErrors[keyof PatternsRemoveErrors];

export type PatternsRemoveResponses = {
  /**
   * It is no longer offered. Workflows that were made of it stay as they are.
   */
  204: void;
};

export type PatternsRemoveResponse = PatternsRemoveResponses[keyof PatternsRemoveResponses];

export type PatternsFindData = {
  body?: never;
  path: {
    name: string;
  };
  query?: never;
  url: '/api/v1/patterns/{name}';
};

export type PatternsFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatternsFindError = PatternsFindErrors[keyof PatternsFindErrors];

export type PatternsFindResponses = {
  200: {
    name: string;
    description: string;
    /**
     * `custom`: kept as data by this tenant.
     */
    origin: 'built_in' | 'custom';
    /**
     * JSON Schema of the parameters.
     */
    parameters: {
      [key: string]: Schema0;
    };
    /**
     * Parameters that work as they stand.
     */
    example: {
      [key: string]: Schema1;
    };
    template?: {
      nodes: Array<{
        [key: string]: Schema2;
      }>;
      output: string;
    };
    created_at?: string;
    updated_at?: string;
  };
};

export type PatternsFindResponse = PatternsFindResponses[keyof PatternsFindResponses];

export type PatternsReplaceData = {
  body: {
    name: string;
    description: string;
    parameters?: {
      [key: string]: Schema0;
    };
    example?: {
      [key: string]: Schema1;
    };
    template: {
      nodes: Array<{
        [key: string]: Schema2;
      }>;
      output: string;
    };
  };
  path: {
    name: string;
  };
  query?: never;
  url: '/api/v1/patterns/{name}';
};

export type PatternsReplaceErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatternsReplaceError = PatternsReplaceErrors[keyof PatternsReplaceErrors];

export type PatternsReplaceResponses = {
  200: {
    name: string;
    description: string;
    /**
     * `custom`: kept as data by this tenant.
     */
    origin: 'built_in' | 'custom';
    /**
     * JSON Schema of the parameters.
     */
    parameters: {
      [key: string]: Schema0;
    };
    /**
     * Parameters that work as they stand.
     */
    example: {
      [key: string]: Schema1;
    };
    template?: {
      nodes: Array<{
        [key: string]: Schema2;
      }>;
      output: string;
    };
    created_at?: string;
    updated_at?: string;
  };
};

export type PatternsReplaceResponse = PatternsReplaceResponses[keyof PatternsReplaceResponses];

export type PatternsExpandData = {
  body: {
    parameters?: {
      [key: string]: Schema0;
    };
  };
  path: {
    name: string;
  };
  query?: never;
  url: '/api/v1/patterns/{name}/expand';
};

export type PatternsExpandErrors = {
  /**
   * The parameters do not fit: `problems`.
   */
  422: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type PatternsExpandError = PatternsExpandErrors[keyof PatternsExpandErrors];

export type PatternsExpandResponses = {
  200: {
    nodes: Array<{
      [key: string]: Schema0;
    }>;
    output: string;
  };
};

export type PatternsExpandResponse = PatternsExpandResponses[keyof PatternsExpandResponses];

export type ToolsResearchData = {
  body: {
    /**
     * What is to be found out.
     */
    task: string;
    title?: string;
    config?: {
      /**
       * Who answer a part each.
       */
      agents?: number;
      /**
       * Who put their answers together.
       */
      syntheses?: number;
    };
  };
  headers?: {
    'Idempotency-Key'?: string;
    /**
     * `wait=N`: answer with the result if the run ends in N seconds.
     */
    Prefer?: string;
  };
  path?: never;
  query?: never;
  url: '/tools/orchestrate_research';
};

export type ToolsResearchErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ToolsResearchError = ToolsResearchErrors[keyof ToolsResearchErrors];

export type ToolsResearchResponses = {
  /**
   * With `Prefer: wait=N`: the run has ended.
   */
  200: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    output: unknown;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
  };
  /**
   * Accepted; its result: `GET /api/v1/runs/{id}/result`.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
  };
};

export type ToolsResearchResponse = ToolsResearchResponses[keyof ToolsResearchResponses];

export type ToolsSearchData = {
  body: {
    /**
     * What is to be found.
     */
    task: string;
    title?: string;
    config?: {
      agents?: number;
    };
  };
  headers?: {
    'Idempotency-Key'?: string;
    /**
     * `wait=N`: answer with the result if the run ends in N seconds.
     */
    Prefer?: string;
  };
  path?: never;
  query?: never;
  url: '/tools/orchestrate_search';
};

export type ToolsSearchErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type ToolsSearchError = ToolsSearchErrors[keyof ToolsSearchErrors];

export type ToolsSearchResponses = {
  /**
   * With `Prefer: wait=N`: the run has ended.
   */
  200: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
    output: unknown;
    error: {
      code: string;
      message: string;
      retryable?: boolean;
      retry_after_ms?: number;
      details?: {
        [key: string]: unknown;
      };
    } | null;
  };
  /**
   * Accepted; its result: `GET /api/v1/runs/{id}/result`.
   */
  202: {
    run_id: string;
    task_id: string | null;
    status: 'queued' | 'running' | 'waiting' | 'paused' | 'compensating' | 'completed' | 'failed' | 'cancelled';
    links: {
      run: string;
      events: string;
      journal: string;
      task?: string;
    };
  };
};

export type ToolsSearchResponse = ToolsSearchResponses[keyof ToolsSearchResponses];

export type McpMessageData = {
  body: {
    [key: string]: unknown;
  };
  path?: never;
  query?: never;
  url: '/mcp';
};

export type McpMessageErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type McpMessageError = McpMessageErrors[keyof McpMessageErrors];

export type McpMessageResponses = {
  /**
   * The answer, as JSON or as a stream of events.
   */
  200: unknown;
  /**
   * A notification was heard.
   */
  202: unknown;
};

export type SchemasWorkflowData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/schemas/workflow';
};

export type SchemasWorkflowErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type SchemasWorkflowError = SchemasWorkflowErrors[keyof SchemasWorkflowErrors];

export type SchemasWorkflowResponses = {
  /**
   * The canonical form of a workflow, as JSON Schema.
   */
  200: unknown;
};

export type SchemasNodesData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/schemas/nodes';
};

export type SchemasNodesErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type SchemasNodesError = SchemasNodesErrors[keyof SchemasNodesErrors];

export type SchemasNodesResponses = {
  /**
   * The node types, each with its config as JSON Schema.
   */
  200: {
    items: Array<{
      type: string;
      /**
       * `custom`: a type of somebody else, known by the workers that execute it.
       */
      category: 'agents' | 'data' | 'branches' | 'waits' | 'runs' | 'custom';
      description: string;
      /**
       * The config as JSON Schema.
       */
      config: {
        [key: string]: unknown;
      };
      /**
       * A config that is valid as it stands.
       */
      example: {
        [key: string]: unknown;
      };
      /**
       * Whether a live worker executes it.
       */
      available: boolean;
    }>;
  };
};

export type SchemasNodesResponse = SchemasNodesResponses[keyof SchemasNodesResponses];

export type AgentsListData = {
  body?: never;
  path?: never;
  query?: {
    limit?: number;
    after?: string;
  };
  url: '/api/v1/agents';
};

export type AgentsListErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AgentsListError = AgentsListErrors[keyof AgentsListErrors];

export type AgentsListResponses = {
  /**
   * By name.
   */
  200: {
    items: Array<{
      name: string;
      role: string;
      instructions: string;
      model: string;
      tools: Array<string>;
      limits: {
        max_tokens?: number;
        timeout?: number;
      };
      id: string;
      created_at: string;
      updated_at: string;
      /**
       * Of the model that it asks.
       */
      health: {
        target: string;
        /**
         * `half_open`: the next call tries whether it is back.
         */
        state: 'closed' | 'open' | 'half_open';
        failures_in_a_row: number;
        /**
         * Since when calls are stopped.
         */
        since: string | null;
        /**
         * From when on one call may try.
         */
        until: string | null;
        last_error: {
          message: string;
          at: string | null;
        } | null;
        window: {
          minutes: number;
          calls: number;
          failures: number;
          /**
           * Null: it was not called.
           */
          success_rate: number | null;
          average_ms: number | null;
          max_ms: number | null;
        };
      };
    }>;
    next_after: string | null;
  };
};

export type AgentsListResponse = AgentsListResponses[keyof AgentsListResponses];

export type AgentsCreateData = {
  body: {
    name: string;
    role: string;
    instructions?: string;
    model?: string;
    tools?: Array<string>;
    limits?: {
      max_tokens?: number;
      timeout?: number;
    };
  };
  path?: never;
  query?: never;
  url: '/api/v1/agents';
};

export type AgentsCreateErrors = {
  /**
   * The name belongs to another agent: `agent_id`.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AgentsCreateError = AgentsCreateErrors[keyof AgentsCreateErrors];

export type AgentsCreateResponses = {
  /**
   * The agent is kept.
   */
  201: {
    name: string;
    role: string;
    instructions: string;
    model: string;
    tools: Array<string>;
    limits: {
      max_tokens?: number;
      timeout?: number;
    };
    id: string;
    created_at: string;
    updated_at: string;
  };
};

export type AgentsCreateResponse = AgentsCreateResponses[keyof AgentsCreateResponses];

export type AgentsFindData = {
  body?: never;
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/agents/{id}';
};

export type AgentsFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AgentsFindError = AgentsFindErrors[keyof AgentsFindErrors];

export type AgentsFindResponses = {
  200: {
    name: string;
    role: string;
    instructions: string;
    model: string;
    tools: Array<string>;
    limits: {
      max_tokens?: number;
      timeout?: number;
    };
    id: string;
    created_at: string;
    updated_at: string;
  };
};

export type AgentsFindResponse = AgentsFindResponses[keyof AgentsFindResponses];

export type AgentsReplaceData = {
  body: {
    name: string;
    role: string;
    instructions?: string;
    model?: string;
    tools?: Array<string>;
    limits?: {
      max_tokens?: number;
      timeout?: number;
    };
  };
  path: {
    id: string;
  };
  query?: never;
  url: '/api/v1/agents/{id}';
};

export type AgentsReplaceErrors = {
  /**
   * The name belongs to another agent: `agent_id`.
   */
  409: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type AgentsReplaceError = AgentsReplaceErrors[keyof AgentsReplaceErrors];

export type AgentsReplaceResponses = {
  200: {
    name: string;
    role: string;
    instructions: string;
    model: string;
    tools: Array<string>;
    limits: {
      max_tokens?: number;
      timeout?: number;
    };
    id: string;
    created_at: string;
    updated_at: string;
  };
};

export type AgentsReplaceResponse = AgentsReplaceResponses[keyof AgentsReplaceResponses];

export type HealthHealthData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/health';
};

export type HealthHealthErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type HealthHealthError = HealthHealthErrors[keyof HealthHealthErrors];

export type HealthHealthResponses = {
  /**
   * The process lives.
   */
  200: {
    status: 'ok';
    uptime_s: number;
  };
};

export type HealthHealthResponse = HealthHealthResponses[keyof HealthHealthResponses];

export type HealthReadyData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/ready';
};

export type HealthReadyErrors = {
  /**
   * The database does not answer.
   */
  503: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type HealthReadyError = HealthReadyErrors[keyof HealthReadyErrors];

export type HealthReadyResponses = {
  /**
   * Runs are accepted; `degraded` names what does not work.
   */
  200: {
    status: 'ok' | 'degraded';
    parts: {
      [key: string]: {
        ok: boolean;
        ms: number;
        detail?: string;
      };
    };
    warnings: Array<string>;
  };
};

export type HealthReadyResponse = HealthReadyResponses[keyof HealthReadyResponses];

export type HealthDeepData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/health/deep';
};

export type HealthDeepErrors = {
  /**
   * A part does not work: `parts` says which, and why.
   */
  503: unknown;
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type HealthDeepError = HealthDeepErrors[keyof HealthDeepErrors];

export type HealthDeepResponses = {
  /**
   * Every part works.
   */
  200: {
    status: 'ok' | 'degraded';
    parts: {
      [key: string]: {
        ok: boolean;
        ms: number;
        detail?: string;
      };
    };
    warnings: Array<string>;
  };
};

export type HealthDeepResponse = HealthDeepResponses[keyof HealthDeepResponses];

export type MeFindData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/me';
};

export type MeFindErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type MeFindError = MeFindErrors[keyof MeFindErrors];

export type MeFindResponses = {
  /**
   * The name, the role and the tenant of the token, and what they let it do.
   */
  200: {
    name: string;
    role: 'viewer' | 'operator' | 'admin';
    tenant_id: string;
    /**
     * `open`: no token is configured, and every caller on this machine is the admin.
     */
    access: 'open' | 'token';
    /**
     * The calls other than GET that the role may make, such as `POST /api/v1/runs/{id}/cancel`; all others are refused.
     */
    operations: Array<string>;
  };
};

export type MeFindResponse = MeFindResponses[keyof MeFindResponses];

export type MetricsRenderData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/metrics';
};

export type MetricsRenderErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type MetricsRenderError = MetricsRenderErrors[keyof MetricsRenderErrors];

export type MetricsRenderResponses = {
  200: string;
};

export type MetricsRenderResponse = MetricsRenderResponses[keyof MetricsRenderResponses];

export type WsTokensIssueData = {
  body?: never;
  path?: never;
  query?: never;
  url: '/api/v1/ws-tokens';
};

export type WsTokensIssueErrors = {
  /**
   * A problem: `code` says which, `remedy` what to do about it.
   */
  default: Problem;
};

export type WsTokensIssueError = WsTokensIssueErrors[keyof WsTokensIssueErrors];

export type WsTokensIssueResponses = {
  /**
   * A token of WebSockets, with the rights of who asks.
   */
  201: {
    /**
     * For one or more WebSockets, until it expires.
     */
    token: string;
    expires_at: string;
  };
};

export type WsTokensIssueResponse = WsTokensIssueResponses[keyof WsTokensIssueResponses];

type Body<D> = D extends { body: infer B }
  ? { requestBody: { content: { 'application/json': B } } }
  : D extends { body?: infer B }
    ? [Exclude<B, undefined>] extends [never]
      ? { requestBody?: never }
      : { requestBody?: { content: { 'application/json': Exclude<B, undefined> } } }
    : { requestBody?: never };

type Operation<D, R> = Body<D> & {
  parameters: Pick<D, keyof D & ('path' | 'query')> & { header?: D extends { headers?: infer H } ? H : never };
  responses: { [S in keyof R]: { content: { 'application/json': R[S] } } } & {
    default: { content: { 'application/problem+json': Problem } };
  };
};

export interface paths {
  '/api/v1/tasks': { post: Operation<TasksCreateData, TasksCreateResponses>; get: Operation<TasksListData, TasksListResponses> };
  '/api/tasks': {
    post: Operation<TasksCreateAliasData, TasksCreateAliasResponses>;
    get: Operation<TasksListAliasData, TasksListAliasResponses>;
  };
  '/api/v1/tasks/{id}': { get: Operation<TasksFindData, TasksFindResponses> };
  '/api/tasks/{id}': { get: Operation<TasksFindAliasData, TasksFindAliasResponses> };
  '/api/v1/tasks/{id}/locks': { get: Operation<TasksLocksData, TasksLocksResponses> };
  '/api/tasks/{id}/locks': { get: Operation<TasksLocksAliasData, TasksLocksAliasResponses> };
  '/api/v1/tasks/{id}/activities': { get: Operation<TasksActivitiesData, TasksActivitiesResponses> };
  '/api/tasks/{id}/activities': { get: Operation<TasksActivitiesAliasData, TasksActivitiesAliasResponses> };
  '/run-agents': { post: Operation<TaskRunsRunAgentsData, TaskRunsRunAgentsResponses> };
  '/api/v1/tasks/{id}/runs': { post: Operation<TaskRunsStartRunData, TaskRunsStartRunResponses> };
  '/api/v1/runs': { post: Operation<RunsStartData, RunsStartResponses>; get: Operation<RunsListData, RunsListResponses> };
  '/api/v1/runs/{id}': {
    get: Operation<RunsFindData, RunsFindResponses>;
    delete: Operation<RunsRemoveData, RunsRemoveResponses>;
  };
  '/api/v1/runs/{id}/journal': { get: Operation<RunsJournalData, RunsJournalResponses> };
  '/api/v1/runs/{id}/cancel': { post: Operation<RunsCancelData, RunsCancelResponses> };
  '/api/v1/runs/{id}/logs': { get: Operation<RunLogsReadData, RunLogsReadResponses> };
  '/api/v1/runs/batch': { post: Operation<RunBatchStartData, RunBatchStartResponses> };
  '/api/v1/runs/bulk': { post: Operation<RunControlBulkData, RunControlBulkResponses> };
  '/api/v1/runs/{id}/pause': { post: Operation<RunControlPauseData, RunControlPauseResponses> };
  '/api/v1/runs/{id}/resume': { post: Operation<RunControlResumeData, RunControlResumeResponses> };
  '/api/v1/runs/{id}/events': {
    post: Operation<RunControlSendEventData, RunControlSendEventResponses>;
    get: Operation<EventsRunData, EventsRunResponses>;
  };
  '/api/v1/runs/{id}/fork': { post: Operation<RunControlForkData, RunControlForkResponses> };
  '/api/v1/runs/{id}/retry': { post: Operation<RunControlRetryData, RunControlRetryResponses> };
  '/api/v1/runs/{id}/why': { get: Operation<RunControlWhyData, RunControlWhyResponses> };
  '/api/v1/runs/{id}/timeline': { get: Operation<RunControlTimelineData, RunControlTimelineResponses> };
  '/api/v1/runs/{id}/result': { get: Operation<ResultsResultData, ResultsResultResponses> };
  '/api/v1/runs/{id}/patch': { post: Operation<PatchPatchData, PatchPatchResponses> };
  '/runs/{id}/patch': { post: Operation<PatchPatchAliasData, PatchPatchAliasResponses> };
  '/api/v1/runs/{id}/patch/undo': { post: Operation<PatchUndoData, PatchUndoResponses> };
  '/runs/{id}/patch/undo': { post: Operation<PatchUndoAliasData, PatchUndoAliasResponses> };
  '/api/v1/runs/{id}/revisions': { get: Operation<PatchRevisionsData, PatchRevisionsResponses> };
  '/api/v1/runs/{id}/definition': { get: Operation<PatchDefinitionData, PatchDefinitionResponses> };
  '/api/v1/workflows/{id}/status': { get: Operation<WorkflowControlStatusData, WorkflowControlStatusResponses> };
  '/api/v1/workflows/{id}/pause': { post: Operation<WorkflowControlPauseData, WorkflowControlPauseResponses> };
  '/api/v1/workflows/{id}/resume': { post: Operation<WorkflowControlResumeData, WorkflowControlResumeResponses> };
  '/api/v1/workflows/{id}/cancel': { post: Operation<WorkflowControlCancelData, WorkflowControlCancelResponses> };
  '/approvals/link': {
    get: Operation<ApprovalLinkAskData, ApprovalLinkAskResponses>;
    post: Operation<ApprovalLinkDecideData, ApprovalLinkDecideResponses>;
  };
  '/api/v1/approvals': { get: Operation<ApprovalsListData, ApprovalsListResponses> };
  '/approvals': { get: Operation<ApprovalsListAliasData, ApprovalsListAliasResponses> };
  '/api/v1/approvals/{id}': { get: Operation<ApprovalsFindData, ApprovalsFindResponses> };
  '/approvals/{id}': { get: Operation<ApprovalsFindAliasData, ApprovalsFindAliasResponses> };
  '/api/v1/approvals/{id}/decide': { post: Operation<ApprovalsDecideData, ApprovalsDecideResponses> };
  '/approvals/{id}/decide': { post: Operation<ApprovalsDecideAliasData, ApprovalsDecideAliasResponses> };
  '/api/v1/approvals/{id}/links': { post: Operation<ApprovalsMakeLinkData, ApprovalsMakeLinkResponses> };
  '/approvals/{id}/links': { post: Operation<ApprovalsMakeLinkAliasData, ApprovalsMakeLinkAliasResponses> };
  '/api/v1/artifacts': { get: Operation<ArtifactsListData, ArtifactsListResponses> };
  '/api/v1/runs/{id}/artifacts': { get: Operation<ArtifactsListOfRunData, ArtifactsListOfRunResponses> };
  '/api/v1/artifacts/{id}': { get: Operation<ArtifactsDownloadData, ArtifactsDownloadResponses> };
  '/api/v1/payloads/{sha256}': { get: Operation<PayloadsReadData, PayloadsReadResponses> };
  '/api/v1/runs/{id}/reports': { post: Operation<ReportsMakeData, ReportsMakeResponses> };
  '/events/tasks/{id}': { get: Operation<EventsTaskData, EventsTaskResponses> };
  '/api/v1/ingest': { post: Operation<IngestIngestData, IngestIngestResponses> };
  '/api/ingest': { post: Operation<IngestIngestAliasData, IngestIngestAliasResponses> };
  '/api/documents': { get: Operation<DocumentsListData, DocumentsListResponses> };
  '/api/documents/{id}': {
    get: Operation<DocumentsFindData, DocumentsFindResponses>;
    delete: Operation<DocumentsRemoveData, DocumentsRemoveResponses>;
  };
  '/api/documents/{id}/content': { get: Operation<DocumentsContentData, DocumentsContentResponses> };
  '/api/documents/{id}/passages': { get: Operation<DocumentsReadPassagesData, DocumentsReadPassagesResponses> };
  '/api/search': { post: Operation<DocumentsSearchData, DocumentsSearchResponses> };
  '/api/v1/rag/config': { get: Operation<RagFindData, RagFindResponses>; put: Operation<RagChangeData, RagChangeResponses> };
  '/api/rag/config': {
    get: Operation<RagFindAliasData, RagFindAliasResponses>;
    put: Operation<RagChangeAliasData, RagChangeAliasResponses>;
  };
  '/api/v1/workers': { get: Operation<WorkersListData, WorkersListResponses> };
  '/api/v1/workflow-capacity': { get: Operation<CapacityFindData, CapacityFindResponses> };
  '/workflow-capacity': { get: Operation<CapacityFindAliasData, CapacityFindAliasResponses> };
  '/api/v1/dead-letters': { get: Operation<DeadLettersListData, DeadLettersListResponses> };
  '/api/v1/dead-letters/{id}': { get: Operation<DeadLettersFindData, DeadLettersFindResponses> };
  '/api/v1/dead-letters/bulk': { post: Operation<DeadLettersBulkData, DeadLettersBulkResponses> };
  '/api/v1/dead-letters/{id}/replay': { post: Operation<DeadLettersReplayData, DeadLettersReplayResponses> };
  '/api/v1/dead-letters/{id}/discard': { post: Operation<DeadLettersDiscardData, DeadLettersDiscardResponses> };
  '/api/v1/demo': { get: Operation<DemoReadData, DemoReadResponses> };
  '/api/v1/demo/worker/kill': { post: Operation<DemoKillWorkerData, DemoKillWorkerResponses> };
  '/api/v1/health/targets': { get: Operation<TargetsListData, TargetsListResponses> };
  '/api/v1/usage': { get: Operation<UsageSumData, UsageSumResponses> };
  '/api/v1/budget': {
    get: Operation<BudgetFindData, BudgetFindResponses>;
    put: Operation<BudgetSetData, BudgetSetResponses>;
    delete: Operation<BudgetRemoveData, BudgetRemoveResponses>;
  };
  '/api/v1/analytics/summary': { get: Operation<AnalyticsSummaryData, AnalyticsSummaryResponses> };
  '/api/v1/analytics/workflows': { get: Operation<AnalyticsWorkflowsData, AnalyticsWorkflowsResponses> };
  '/api/v1/analytics/costs': { get: Operation<AnalyticsCostsData, AnalyticsCostsResponses> };
  '/analytics/summary': { get: Operation<AnalyticsAliasSummaryData, AnalyticsAliasSummaryResponses> };
  '/analytics/workflows': { get: Operation<AnalyticsAliasWorkflowsData, AnalyticsAliasWorkflowsResponses> };
  '/analytics/costs': { get: Operation<AnalyticsAliasCostsData, AnalyticsAliasCostsResponses> };
  '/api/v1/workflows': {
    post: Operation<WorkflowsPublishData, WorkflowsPublishResponses>;
    get: Operation<WorkflowsListData, WorkflowsListResponses>;
  };
  '/api/v1/workflows/validate': { post: Operation<WorkflowsValidateData, WorkflowsValidateResponses> };
  '/api/v1/workflows/{id}': {
    get: Operation<WorkflowsFindData, WorkflowsFindResponses>;
    put: Operation<WorkflowsReplaceData, WorkflowsReplaceResponses>;
    delete: Operation<WorkflowsArchiveData, WorkflowsArchiveResponses>;
  };
  '/api/v1/workflows/{id}/versions': { get: Operation<WorkflowsVersionsData, WorkflowsVersionsResponses> };
  '/api/v1/workflows/{id}/execute': { post: Operation<WorkflowsExecuteData, WorkflowsExecuteResponses> };
  '/api/v1/patterns/available': { get: Operation<PatternsListData, PatternsListResponses> };
  '/api/v1/patterns': {
    get: Operation<PatternsListAliasData, PatternsListAliasResponses>;
    post: Operation<PatternsCreateData, PatternsCreateResponses>;
  };
  '/api/v1/patterns/{name}': {
    get: Operation<PatternsFindData, PatternsFindResponses>;
    put: Operation<PatternsReplaceData, PatternsReplaceResponses>;
    delete: Operation<PatternsRemoveData, PatternsRemoveResponses>;
  };
  '/api/v1/patterns/{name}/expand': { post: Operation<PatternsExpandData, PatternsExpandResponses> };
  '/tools/orchestrate_research': { post: Operation<ToolsResearchData, ToolsResearchResponses> };
  '/tools/orchestrate_search': { post: Operation<ToolsSearchData, ToolsSearchResponses> };
  '/mcp': { post: Operation<McpMessageData, McpMessageResponses> };
  '/api/v1/schemas/workflow': { get: Operation<SchemasWorkflowData, SchemasWorkflowResponses> };
  '/api/v1/schemas/nodes': { get: Operation<SchemasNodesData, SchemasNodesResponses> };
  '/api/v1/agents': {
    post: Operation<AgentsCreateData, AgentsCreateResponses>;
    get: Operation<AgentsListData, AgentsListResponses>;
  };
  '/api/v1/agents/{id}': {
    get: Operation<AgentsFindData, AgentsFindResponses>;
    put: Operation<AgentsReplaceData, AgentsReplaceResponses>;
  };
  '/health': { get: Operation<HealthHealthData, HealthHealthResponses> };
  '/ready': { get: Operation<HealthReadyData, HealthReadyResponses> };
  '/health/deep': { get: Operation<HealthDeepData, HealthDeepResponses> };
  '/api/v1/me': { get: Operation<MeFindData, MeFindResponses> };
  '/metrics': { get: Operation<MetricsRenderData, MetricsRenderResponses> };
  '/api/v1/ws-tokens': { post: Operation<WsTokensIssueData, WsTokensIssueResponses> };
}
