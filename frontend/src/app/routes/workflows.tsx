export { WorkflowsPage as default } from "@/features/workflows/workflows-page";
