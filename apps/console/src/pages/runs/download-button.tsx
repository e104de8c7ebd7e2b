import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { toProblemError } from '../../api/problem.js';
import { readToken } from '../../api/token.js';

export interface DownloadButtonProps {
  path: string;
  /** Of the file that is kept. */
  name: string;
  label: string;
}

/** Downloads what the API gives only to those with a token, which a link could not send. */
export function DownloadButton({ path, name, label }: DownloadButtonProps) {
  const { mutate, isPending } = useMutation({
    mutationFn: () => download(path, name),
    onError: (error) => notifications.show({ color: 'red', title: 'The download failed', message: toProblemError(error).detail }),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
      onClick={() => mutate()}
      loading={isPending}
    >
      {label}
    </Button>
  );
}

async function download(path: string, name: string): Promise<void> {
  const token = readToken();
  const answer = await fetch(path, token === null ? {} : { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw toProblemError(await answer.json().catch(() => null), answer.status);
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
