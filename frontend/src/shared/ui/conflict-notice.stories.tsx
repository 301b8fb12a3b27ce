import { ConflictNotice } from "./conflict-notice";

/** Somebody else was faster. */
export default { title: "Shared/Conflict notice" };

const choose = { keep: () => undefined, take: () => undefined };
const name = (field: string) => ({ role: "Role", tools: "Tools" })[field] ?? field;

export const Changed = () => (
  <ConflictNotice
    labelOf={name}
    conflict={{
      ...choose,
      isGone: false,
      changes: [
        { field: "role", theirs: "Judge", mine: "Friend", isBoth: true },
        { field: "tools", theirs: ["memory.search", "web.read"], mine: [], isBoth: false },
        { field: "limit", theirs: undefined, mine: 4, isBoth: false },
      ],
    }}
  />
);

export const NothingThatIsShown = () => (
  <ConflictNotice labelOf={name} conflict={{ ...choose, isGone: false, changes: [] }} />
);

export const Deleted = () => (
  <ConflictNotice labelOf={name} conflict={{ ...choose, isGone: true, changes: [] }} />
);
