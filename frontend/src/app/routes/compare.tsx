export { ComparePage as default } from "@/features/runs/compare/compare-page";
