import { Text, UnstyledButton } from '@mantine/core';
import styles from './row-button.module.css';

interface RowButtonProps {
  title: string;
  /** A smaller line, such as an id. */
  detail: string;
  onClick: () => void;
}

/** The first cell of a row that opens a panel wherever it is pressed. */
export function RowButton({ title, detail, onClick }: RowButtonProps) {
  return (
    <UnstyledButton className={styles.open} onClick={onClick}>
      <Text size="sm" fw={550} truncate title={title}>
        {title}
      </Text>
      <Text size="xs" c="dimmed" className="mono" truncate>
        {detail}
      </Text>
    </UnstyledButton>
  );
}
