import { Group, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { AppLink } from '../../components/app-link.js';
import { CopyButton } from '../../components/copy-button.js';
import { withoutLayout } from '../../components/passage-text.js';
import { partsOfAnswer, passageIndex, type Answer, type Citation } from './asked-question.js';
import styles from './answer.module.css';

/** An answer with its citations as links to the passages under it, and those as links to their documents. */
export function AnswerView({ answer: { answer, citations } }: { answer: Answer }) {
  const known = new Set(citations.map(({ n }) => n));
  return (
    <>
      <div className={styles.answer}>
        {partsOfAnswer(answer).map((part, place) =>
          typeof part === 'string' || !known.has(part) ? (
            <span key={place}>{part}</span>
          ) : (
            <a key={place} href={`#source-${part}`} className={styles.citation} aria-label={`Source ${part}`}>
              {part}
            </a>
          ),
        )}
      </div>
      {citations.length > 0 && (
        <section aria-label="Sources">
          <Group justify="space-between" mt="lg" mb="xs">
            <Text size="xs" fw={650} c="dimmed" tt="uppercase" className={styles.overline}>
              {citations.length === 1 ? '1 source' : `${citations.length} sources`}
            </Text>
            <CopyButton value={answer} label="Copy the answer" />
          </Group>
          <ol className={styles.sources}>
            {citations.map((citation) => (
              <Source key={citation.n} citation={citation} />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function Source({ citation: { n, title, document_id: documentId, chunk_id: chunkId, text } }: { citation: Citation }) {
  const href = `/documents?document=${encodeURIComponent(documentId)}&passage=${passageIndex(chunkId)}`;
  return (
    <li id={`source-${n}`} className={styles.source}>
      <span className={styles.number} aria-hidden>
        {n}
      </span>
      <div className={styles.passage}>
        <AppLink href={href} className={styles.document}>
          {title}
          <IconArrowRight size={14} aria-hidden />
        </AppLink>
        <p>{withoutLayout(text)}</p>
      </div>
    </li>
  );
}
