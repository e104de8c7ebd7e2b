import { Button, Group, Modal, Text, type ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';

export interface ConfirmButtonProps extends Omit<ButtonProps, 'children'> {
  label: string;
  /** What will happen, in a sentence. */
  confirm: ReactNode;
  /** The dialog stays, busy, until it is done. */
  onConfirm: () => unknown;
}

/** The first red on which white words are read. */
const READABLE_RED = 'red.8';

/** A button that asks first. */
export function ConfirmButton({ label, confirm, onConfirm, color = 'red', ...button }: ConfirmButtonProps) {
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
      <Button variant="light" color={color} {...button} onClick={open}>
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={label}>
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
