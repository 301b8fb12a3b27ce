export { RunsPage as default } from "@/features/runs/list/runs-page";
