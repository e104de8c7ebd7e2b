import { Text } from '@mantine/core';
import { useState } from 'react';
import { JsonView } from '../../components/json-view.js';
import { TimeAgo } from '../../components/time-ago.js';
import { formatCount, formatMoney } from './money.js';
import styles from './run.module.css';
import { Section } from './section.js';
import type { NodeView, StepView } from './view/node-view.js';

const SHOWN = 50;

/** What the node has done so far, step by step: calls of models and tools, answers of people. The last one first. */
export function NodeSteps({ node: { steps } }: { node: NodeView }) {
  if (steps.length === 0) return null;
  const shown = steps.slice(-SHOWN).toReversed();
  return (
    <Section title={steps.length > SHOWN ? `Steps, the last ${SHOWN}` : 'Steps'}>
      <ul className={styles.steps}>
        {shown.map((step) => (
          <li key={`${step.visit} ${step.attempt} ${step.key}`}>
            <Step step={step} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Step({ step: { key, at, output, usage, model } }: { step: StepView }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={`mono ${styles.stepKey}`}>{key}</span>
        <Text span size="xs" c="dimmed">
          <TimeAgo at={at} />
        </Text>
        {usage !== null && (
          <Text size="xs" c="dimmed" className={`figures ${styles.stepUsage}`} component="span">
            {model}, {formatCount(usage.promptTokens)} tokens in, {formatCount(usage.completionTokens)} out,{' '}
            {formatMoney(usage.costMicros)}
          </Text>
        )}
      </summary>
      {isOpen && <JsonView value={output} label={`Result of ${key}`} maxHeight={240} />}
    </details>
  );
}
