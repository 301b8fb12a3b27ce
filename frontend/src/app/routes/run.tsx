/** The page of a run; who sees their first one is shown around. */
import { Suspense } from "react";
import { useLocation } from "react-router";
import { RunPage } from "@/features/runs/run-page";
import { late } from "@/shared/lib/late";

const CoachMarks = late(() => import("../first-run/coach-marks"));

export default function Run() {
  const { state } = useLocation();
  return (
    <>
      <RunPage />
      {state?.is_first && (
        <Suspense>
          <CoachMarks />
        </Suspense>
      )}
    </>
  );
}
