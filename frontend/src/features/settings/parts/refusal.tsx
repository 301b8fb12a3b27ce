import { answered, type Conflict } from "@/shared/hooks/use-merging";
import { ConflictNotice } from "@/shared/ui/conflict-notice";
import { ProblemAlert } from "./problem-alert";

/** What stands against saving: what somebody else saved meanwhile, to choose from, or why the server refused. */
export function Refusal(props: {
  error: unknown;
  conflict?: Conflict | undefined;
  /** Somebody has chosen: the refusal is answered. */
  onChosen: () => void;
  labelOf: (field: string) => string;
  show?: ((field: string, value: unknown) => string) | undefined;
}) {
  const { error, conflict, onChosen, labelOf, show } = props;
  if (!conflict) return <ProblemAlert error={error} />;
  return <ConflictNotice conflict={answered(conflict, onChosen)} labelOf={labelOf} show={show} />;
}
