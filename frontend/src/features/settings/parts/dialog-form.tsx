import { Button, Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Conflict } from "@/shared/hooks/use-merging";
import danger from "@/shared/ui/danger.module.css";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { Refusal } from "./refusal";

/** What a mutation answers, as far as a form asks. */
export type Outcome = Promise<{ error?: unknown }>;

/** The inside of a dialog: fields, what the server said against them, and two buttons. */
export function DialogForm(props: {
  action: string;
  onSubmit: () => Outcome;
  onClose: () => void;
  children: ReactNode;
  isDangerous?: boolean;
  isReady?: boolean;
  /** What somebody else saved over which this form was opened, and what its fields are called. */
  conflict?: Conflict | undefined;
  labelOf?: (field: string) => string;
  show?: (field: string, value: unknown) => string;
}) {
  const [error, setError] = useState<unknown>();
  const [isBusy, setIsBusy] = useState(false);
  const { conflict, labelOf = (field) => field } = props;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsBusy(true);
    const done = await props.onSubmit();
    setIsBusy(false);
    setError(done.error);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {props.children}
        <Refusal
          error={error}
          conflict={conflict}
          onChosen={() => setError(undefined)}
          labelOf={labelOf}
          show={props.show}
        />
        <DialogFoot onClose={props.onClose}>
          <Button
            type="submit"
            loading={isBusy}
            disabled={props.isReady === false || conflict !== undefined}
            className={props.isDangerous ? danger.danger : undefined}
          >
            {props.action}
          </Button>
        </DialogFoot>
      </Stack>
    </form>
  );
}
