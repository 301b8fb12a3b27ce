/** The start page, and what a new workspace shows in its place. */
import { DashboardPage } from "@/features/dashboard/dashboard-page";
import { late } from "@/shared/lib/late";

const FirstSteps = late(() => import("../first-run/first-steps"));

export default function Home() {
  return <DashboardPage Beginning={FirstSteps} />;
}
