/** Where to begin from: a definition that runs as it stands. */
export interface Template {
  key: string;
  title: string;
  description: string;
  text: string;
}

export const TEMPLATES: readonly Template[] = [
  {
    key: 'blank',
    title: 'Blank',
    description: 'One step, to add others to.',
    text: `name: my-workflow
nodes:
  # What it reads of the input is asked for when a run is started.
  - id: greet
    type: transform
    config:
      value: Hello \${{ input.name }}
`,
  },
  {
    key: 'answer',
    title: 'Search and answer',
    description: 'Finds passages in the documents and lets an agent answer from them.',
    text: `name: search-and-answer
nodes:
  - id: find
    type: retrieve
    config:
      top_k: 5
  - id: answer
    type: agent
    depends_on: [find]
    config:
      role: draft
output: answer
`,
  },
  {
    key: 'approval',
    title: 'Draft and approve',
    description: 'An agent drafts, a person decides, and only then it goes on.',
    text: `name: draft-and-approve
nodes:
  - id: draft
    type: agent
    config:
      role: draft
  - id: approve
    type: approval
    depends_on: [draft]
    config:
      title: Publish the draft?
      payload:
        text: \${{ nodes.draft.output.answer }}
  # Runs only where somebody has approved.
  - id: publish
    type: transform
    depends_on: [draft, approve]
    when: nodes.approve.output.approved
    config:
      value:
        published: \${{ nodes.approve.output.payload.text }}
`,
  },
  {
    key: 'fan-out',
    title: 'Each of a list',
    description: 'Does the same for every item of the input, some at once, and joins what came out.',
    text: `name: each-of-a-list
nodes:
  - id: each
    type: map
    config:
      items: input.items
      body:
        type: transform
        config:
          value: Hello \${{ item }}
      concurrency: 5
  - id: joined
    type: transform
    depends_on: [each]
    config:
      expression: nodes.each.output.items.join(", ")
`,
  },
  {
    key: 'branches',
    title: 'Two branches',
    description: 'Asks a person about large sums, and lets small ones pass.',
    text: `name: two-branches
nodes:
  - id: large
    type: condition
    config:
      if: input.sum > 100
      then: [ask]
      else: [pay]
  - id: ask
    type: approval
    depends_on: [large]
    config:
      title: Pay \${{ input.sum }}?
  - id: pay
    type: transform
    depends_on: [large]
    config:
      value:
        paid: \${{ input.sum }}
`,
  },
];
