import { Refusal } from "./refusal";

/** What stands against saving. */
export default { title: "Settings/Refusal" };

const nothing = () => undefined;
const refused = {
  type: "/problems/taken",
  title: "The name is taken",
  status: 409,
  detail: "There is a critic already.",
  trace_id: "trace-1",
  errors: [],
  body: {},
};

export const Refused = () => <Refusal error={refused} onChosen={nothing} labelOf={String} />;

export const SomebodyElseWasFaster = () => (
  <Refusal
    error={{ ...refused, status: 412 }}
    onChosen={nothing}
    labelOf={() => "Role"}
    conflict={{
      isGone: false,
      changes: [{ field: "role", theirs: "Judge", mine: "Friend", isBoth: true }],
      keep: nothing,
      take: nothing,
    }}
  />
);
