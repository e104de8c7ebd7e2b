import { Button, Group, Modal, Text, Tooltip, type ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';

export interface ConfirmButtonProps extends Omit<ButtonProps, 'children'> {
  label: string;
  /** What will happen, in a sentence. */
  confirm: ReactNode;
  /** The dialog stays, busy, until it is done. */
  onConfirm: () => unknown;
  /** Why it cannot be pressed now. It can still be reached, so that everybody learns why. */
  blocked?: string | undefined;
}

/** The first red on which white words are read. */
const READABLE_RED = 'red.8';
const STAY = (): void => undefined;
const BY_ALL_MEANS = { hover: true, focus: true, touch: true };

/** A button that asks first. */
export function ConfirmButton({ label, confirm, onConfirm, blocked, color = 'red', ...button }: ConfirmButtonProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [isBusy, setBusy] = useState(false);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await onConfirm();
    } finally {
      setBusy(false);
      close();
    }
  };
  return (
    <>
      <Tooltip label={blocked} disabled={blocked === undefined} events={BY_ALL_MEANS}>
        <Button
          variant="light"
          color={color}
          {...button}
          {...(blocked === undefined ? { onClick: open } : { 'data-disabled': true, 'aria-disabled': true })}
        >
          {label}
        </Button>
      </Tooltip>
      <Modal
        opened={isOpen}
        onClose={isBusy ? STAY : close}
        title={label}
        closeButtonProps={{ 'aria-label': 'Close', disabled: isBusy }}
      >
        <Text size="sm" mb="lg" component="div">
          {confirm}
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} disabled={isBusy}>
            Keep it
          </Button>
          <Button color={color === 'red' ? READABLE_RED : color} onClick={() => void act()} loading={isBusy} data-autofocus>
            {label}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
