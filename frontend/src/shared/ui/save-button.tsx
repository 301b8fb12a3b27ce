import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";

/** Fetches something and saves it as a file; it is busy meanwhile. */
export function SaveButton({ label, onSave }: { label: string; onSave: () => Promise<void> }) {
  const [isBusy, setIsBusy] = useState(false);
  const save = async () => {
    setIsBusy(true);
    await onSave();
    setIsBusy(false);
  };
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} />}
      loading={isBusy}
      onClick={() => void save()}
    >
      {label}
    </Button>
  );
}
