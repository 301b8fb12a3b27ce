import { Radio, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DialogForm, type Outcome } from "../parts/dialog-form";

const GRACES = ["24", "1", "0"] as const;

/** Asks how long what was valid until now works beside its successor. */
export function RotationForm(props: {
  label: string;
  onSubmit: (grace_hours: number) => Outcome;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const [grace, setGrace] = useState<string>("24");
  return (
    <DialogForm
      action={t("access.rotate")}
      onSubmit={() => props.onSubmit(Number(grace))}
      onClose={props.onClose}
    >
      <Radio.Group label={props.label} value={grace} onChange={setGrace}>
        <Stack gap="xs" mt="xs">
          {GRACES.map((hours) => (
            <Radio key={hours} value={hours} label={t(`access.graces.${hours}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </DialogForm>
  );
}
