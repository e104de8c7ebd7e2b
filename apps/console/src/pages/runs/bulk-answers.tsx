import { Anchor, Group, Modal, ScrollArea, Table, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { AppLink } from '../../components/app-link.js';
import { shortId, type BulkAction, type BulkReply } from './run-types.js';

export interface BulkAnswer extends Pick<BulkReply, 'done' | 'refused'> {
  action: ListAction;
}

/** What the list does to runs that are picked. */
export type ListAction = BulkAction | 'delete';

const TOLD: Record<ListAction, string> = {
  pause: 'told to pause',
  resume: 'told to resume',
  cancel: 'told to cancel',
  retry: 'runs again as',
  delete: 'deleted',
};

/** Answers are shown up to this many; the counts say how many there are. */
const SHOWN = 500;

/** What each run answered: refusals first, since somebody may have to act. */
export function BulkAnswers({ answer, onClose }: { answer: BulkAnswer | null; onClose: () => void }) {
  return (
    <Modal opened={answer !== null} onClose={onClose} title="What the runs answered" size="lg">
      {answer !== null && <Answers answer={answer} />}
    </Modal>
  );
}

function Answers({ answer: { action, done, refused } }: { answer: BulkAnswer }) {
  return (
    <>
      <Text size="sm" mb="sm" role="status">
        {done.length} {done.length === 1 ? 'run was' : 'runs were'} {action === 'delete' ? 'deleted' : 'told'}, {refused.length}{' '}
        refused.
      </Text>
      <ScrollArea.Autosize mah={420}>
        <Table verticalSpacing={6}>
          <Table.Tbody>
            {refused.slice(0, SHOWN).map(({ run_id: id, code, detail }) => (
              <Table.Tr key={id}>
                <Table.Td w={150}>
                  <RunLink id={id} />
                </Table.Td>
                <Table.Td>
                  <Group gap={6} wrap="nowrap" align="flex-start">
                    <IconX size={16} color="var(--mantine-color-red-text)" aria-label="Refused" />
                    <Text size="sm">
                      {detail}{' '}
                      <Text span size="xs" c="dimmed" className="mono">
                        {code}
                      </Text>
                    </Text>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
            {done.slice(0, SHOWN).map(({ run_id: id, new_run_id: next }) => (
              <Table.Tr key={id}>
                <Table.Td w={150}>
                  {action === 'delete' ? <span className="mono">{shortId(id)}</span> : <RunLink id={id} />}
                </Table.Td>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    <IconCheck size={16} color="var(--mantine-color-teal-text)" aria-label="Done" />
                    <Text size="sm">
                      {TOLD[action]} {next !== undefined && <RunLink id={next} />}
                    </Text>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
    </>
  );
}

function RunLink({ id }: { id: string }) {
  return (
    <Anchor component={AppLink} href={`/runs/${id}`} size="sm" className="mono">
      {shortId(id)}
    </Anchor>
  );
}
