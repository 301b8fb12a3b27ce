export { EvaluationsPage as default } from "@/features/evaluations/evaluations-page";
