import { type ReactNode, Suspense } from "react";
import { useMay } from "@/api/use-may";
import { late } from "@/shared/lib/late";
import { LoadingPage } from "@/shared/ui/loading-page";
import { useSeen } from "./use-seen";

// The start page names the files of what it may need: these are named here.
const Begin = late(() => import("./begin"));

/** Leads who may build and run through a new workspace, until they have seen enough. */
export default function FirstSteps({ otherwise }: { otherwise: ReactNode }) {
  const [isSeen, see] = useSeen("first-steps");
  const mayWrite = useMay("workflows:write");
  const mayStart = useMay("runs:start");
  if (isSeen || !mayWrite || !mayStart) return otherwise;
  return (
    <Suspense fallback={<LoadingPage />}>
      <Begin onSkip={see} />
    </Suspense>
  );
}
