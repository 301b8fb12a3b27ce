/** The runs of B-UI-4: four that say Markdown, and one whose 500 steps change their states. */
export const RUN = "0190-run-of-500";
export const ANSWERS = ["0190-answer-1", "0190-answer-2", "0190-answer-3", "0190-answer-4"];
export const STEPS = 500;
export const TOKENS_PER_S = 80;
