/** The pages below `/settings`, each loaded when it is opened. */
import { Navigate, type RouteObject } from "react-router";

export const settingsPages: RouteObject[] = [
  { index: true, element: <Navigate to="profile" replace /> },
  {
    path: "appearance",
    lazy: async () => ({
      Component: (await import("@/features/settings/appearance/appearance-page")).AppearancePage,
    }),
  },
  {
    path: "shortcuts",
    lazy: async () => ({
      Component: (await import("../shortcuts/shortcuts-page")).ShortcutsPage,
    }),
  },
  {
    path: "profile",
    lazy: async () => ({
      Component: (await import("@/features/settings/profile/profile-page")).ProfilePage,
    }),
  },
  {
    path: "members",
    lazy: async () => ({
      Component: (await import("@/features/settings/members/members-page")).MembersPage,
    }),
  },
  {
    path: "roles",
    lazy: async () => ({
      Component: (await import("@/features/settings/roles/roles-page")).RolesPage,
    }),
  },
  {
    path: "agents",
    lazy: async () => ({
      Component: (await import("./settings-agents")).default,
    }),
  },
  {
    path: "mcp",
    lazy: async () => ({
      Component: (await import("@/features/settings/mcp/mcp-page")).McpPage,
    }),
  },
  {
    path: "budgets",
    lazy: async () => ({
      Component: (await import("@/features/settings/budgets/budgets-page")).BudgetsPage,
    }),
  },
  {
    path: "api-keys",
    lazy: async () => ({
      Component: (await import("@/features/settings/api-keys/api-keys-page")).ApiKeysPage,
    }),
  },
  {
    path: "api-clients",
    lazy: async () => ({
      Component: (await import("@/features/settings/api-clients/api-clients-page")).ApiClientsPage,
    }),
  },
  {
    path: "secrets",
    lazy: async () => ({
      Component: (await import("@/features/settings/secrets/secrets-page")).SecretsPage,
    }),
  },
  {
    path: "models",
    lazy: async () => ({
      Component: (await import("@/features/settings/models/models-page")).ModelsPage,
    }),
  },
  {
    path: "notifications",
    lazy: async () => ({
      Component: (await import("@/features/settings/notifications/notifications-page"))
        .NotificationsPage,
    }),
  },
  {
    path: "webhooks",
    lazy: async () => ({
      Component: (await import("@/features/settings/webhooks/webhooks-page")).WebhooksPage,
    }),
  },
  {
    path: "triggers",
    lazy: async () => ({
      Component: (await import("@/features/settings/triggers/triggers-page")).TriggersPage,
    }),
  },
  {
    path: "workspace",
    lazy: async () => ({
      Component: (await import("@/features/settings/workspace/workspace-page")).WorkspacePage,
    }),
  },
  {
    path: "rules",
    lazy: async () => ({
      Component: (await import("@/features/settings/rules/rules-page")).RulesPage,
    }),
  },
  {
    path: "usage",
    lazy: async () => ({
      Component: (await import("@/features/settings/usage/usage-page")).UsagePage,
    }),
  },
  {
    path: "audit",
    lazy: async () => ({
      Component: (await import("@/features/settings/audit/audit-page")).AuditPage,
    }),
  },
];
