import { ConfirmButton } from '../../components/confirm-button.js';
import { useMay } from '../../api/use-may.js';
import { useSettleAll } from './settle.js';

/** What is done with all open letters at once, by who may. */
export function BulkActions() {
  const settleAll = useSettleAll();
  const maySettle = useMay('POST /api/v1/dead-letters/bulk');
  if (!maySettle) return null;
  return (
    <>
      <ConfirmButton
        label="Discard all"
        confirm="All open dead letters are put aside. Their runs stay as they are, and can still be read."
        onConfirm={() => settleAll('discard')}
      />
      <ConfirmButton
        label="Replay all"
        color="baton"
        confirm="For each open dead letter a new run goes on from what failed; what was completed is kept."
        onConfirm={() => settleAll('replay')}
      />
    </>
  );
}
