/** The names under which pages of lists have their words: `new`, `text`, `empty`, `empty_text` and, mostly, `delete_…`. */
export type DeletableWords = "agents" | "budgets" | "mcp" | "models" | "roles" | "secrets";
export type ListWords = DeletableWords | "api_clients" | "api_keys" | "webhooks";
