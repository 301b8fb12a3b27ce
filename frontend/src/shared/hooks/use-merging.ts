/** The fields of a form over something that others may save meanwhile: what was typed stays, whoever was faster. */
import { useState } from "react";
import { isProblem } from "@/shared/lib/problem";
import { type Difference, differences, withMine } from "@/shared/lib/three-way";

/** Somebody else saved since it was read. */
const STALE = 412;

export interface Conflict {
  /** It was deleted. */
  isGone: boolean;
  changes: Difference[];
  /** Go on with what was typed, over what is saved now. */
  keep: () => void;
  /** Drop what was typed. */
  take: () => void;
}

/** What is saved now; with `isGone` it is what the form is over when it is to make the thing anew. */
export interface Found<Known> {
  known: Known;
  isGone: boolean;
}

interface Given<Known, Fields extends object> {
  loaded: Known;
  fieldsOf: (known: Known) => Fields;
  /** Read what is saved now; undefined when it cannot be read. */
  read: () => Promise<Found<Known> | undefined>;
  /** There is nothing any more that could be taken. */
  onGone?: () => void;
}

export function useMerging<Known, Fields extends object>(given: Given<Known, Fields>) {
  const { fieldsOf } = given;
  const [base, setBase] = useState(given.loaded);
  const [fields, setFields] = useState(() => fieldsOf(given.loaded));
  const [found, setFound] = useState<Found<Known>>();
  const restart = (known: Known, next = fieldsOf(known)) => {
    setBase(known);
    setFields(next);
    setFound(undefined);
  };
  /** Look at how saving went; a refusal because of somebody else is answered by what they saved. */
  const settle = async <Done extends { error?: unknown }>(done: Done): Promise<Done> => {
    if (isProblem(done.error) && done.error.status === STALE) setFound(await given.read());
    return done;
  };
  const conflictWith = ({ known, isGone }: Found<Known>): Conflict => {
    if (isGone) {
      const take = () => given.onGone?.();
      return { isGone, changes: [], keep: () => restart(known, fields), take };
    }
    const [before, now] = [fieldsOf(base), fieldsOf(known)];
    return {
      isGone,
      changes: differences(before, now, fields),
      keep: () => restart(known, withMine(before, now, fields)),
      take: () => restart(known),
    };
  };
  return { base, fields, setFields, settle, conflict: found && conflictWith(found), restart };
}

/** Return a conflict whose choice also does something else, such as forgetting the refusal. */
export function answered(conflict: Conflict, forget: () => void): Conflict {
  const then = (choose: () => void) => () => {
    forget();
    choose();
  };
  return { ...conflict, keep: then(conflict.keep), take: then(conflict.take) };
}
