/** Starts a new run of a workflow and goes to it. */
import { useNavigate } from "react-router";
import { type StartRunBody, useStartRunMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";

export function useRunAgain(workflowId: string) {
  const navigate = useNavigate();
  const [start, { error, isLoading }] = useStartRunMutation();
  const again = async (startRunBody: StartRunBody) => {
    const made = await start({ workflowId, startRunBody });
    if (made.data) await navigate(`/runs/${made.data.id}`);
    return made;
  };
  return { again, isStarting: isLoading, problem: isProblem(error) ? error : undefined };
}
