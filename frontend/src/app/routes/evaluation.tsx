export { EvaluationPage as default } from "@/features/evaluations/evaluation-page";
