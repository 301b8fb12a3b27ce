export { FailuresPage as default } from "@/features/runs/failures-page";
