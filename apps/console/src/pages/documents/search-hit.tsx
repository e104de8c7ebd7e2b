import { Anchor, Group, Paper, Spoiler, Text } from '@mantine/core';
import type { DocumentsSearchResponse } from '../../api/schema.js';
import { AppLink } from '../../components/app-link.js';
import { withoutLayout } from '../../components/passage-text.js';
import { MarkedText } from './marked-text.js';
import styles from './documents.module.css';

/** The height of a passage until all of it is asked for. */
const SHOWN_PX = 168;

interface SearchHitProps {
  hit: DocumentsSearchResponse['items'][number];
  rank: number;
  query: string;
}

/** A passage that was found, with how near it is. */
export function SearchHit({ hit: { document_id: id, title, source, index, text, score }, rank, query }: SearchHitProps) {
  return (
    <Paper className={styles.hit} component="article" aria-label={`${rank}. ${title}`}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <span className={styles.rank} aria-hidden>
          {rank}
        </span>
        <div style={{ minWidth: 0, flex: 1 }}>
          <Group justify="space-between" gap="xs">
            <Anchor component={AppLink} href={`/documents?document=${encodeURIComponent(id)}&passage=${index}`} fw={600}>
              {title}
            </Anchor>
            <div className={styles.score} title="Cosine similarity: 1 is the same direction">
              <span className={styles['score-line']} aria-hidden>
                <span style={{ width: `${Math.max(0, Math.min(1, score)) * 100}%` }} />
              </span>
              <span className="figures">{score.toFixed(3)}</span>
            </div>
          </Group>
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {source !== null && `${source} · `}passage {index + 1}
          </Text>
          <Spoiler maxHeight={SHOWN_PX} showLabel="Show all of it" hideLabel="Show less" mt={4}>
            <p className={styles.text}>
              <MarkedText text={withoutLayout(text)} query={query} />
            </p>
          </Spoiler>
        </div>
      </Group>
    </Paper>
  );
}
