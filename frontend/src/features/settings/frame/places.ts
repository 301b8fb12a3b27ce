import {
  IconBell,
  IconBolt,
  IconBook2,
  IconCoin,
  IconCpu,
  IconHistory,
  IconKey,
  IconKeyboard,
  IconLock,
  IconPalette,
  IconPlug,
  IconReportMoney,
  IconRobot,
  IconRobotFace,
  IconSettings2,
  IconShield,
  IconUserCircle,
  IconUsers,
  IconWebhook,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

export interface SettingsPlace {
  /** Last part of the URL, and the name of its words. */
  path: string;
  group: "own" | "workspace";
  icon: ComponentType<{ size?: number; stroke?: number }>;
  /** Without it the page is closed. */
  permission?: string;
}

/** The pages in the order of the navigation. */
export const SETTINGS_PLACES: SettingsPlace[] = [
  { path: "profile", group: "own", icon: IconUserCircle },
  { path: "appearance", group: "own", icon: IconPalette },
  { path: "shortcuts", group: "own", icon: IconKeyboard },
  { path: "notifications", group: "own", icon: IconBell },
  { path: "workspace", group: "workspace", icon: IconSettings2, permission: "settings:read" },
  { path: "members", group: "workspace", icon: IconUsers, permission: "members:read" },
  { path: "roles", group: "workspace", icon: IconShield, permission: "members:read" },
  { path: "models", group: "workspace", icon: IconCpu, permission: "models:read" },
  { path: "agents", group: "workspace", icon: IconRobot, permission: "agents:read" },
  { path: "mcp", group: "workspace", icon: IconPlug, permission: "mcp_servers:read" },
  { path: "api-keys", group: "workspace", icon: IconKey, permission: "api_keys:manage" },
  {
    path: "api-clients",
    group: "workspace",
    icon: IconRobotFace,
    permission: "api_clients:manage",
  },
  { path: "secrets", group: "workspace", icon: IconLock, permission: "secrets:read" },
  {
    path: "webhooks",
    group: "workspace",
    icon: IconWebhook,
    permission: "webhook_endpoints:read",
  },
  { path: "triggers", group: "workspace", icon: IconBolt, permission: "triggers:read" },
  { path: "rules", group: "workspace", icon: IconBook2, permission: "rules:read" },
  { path: "budgets", group: "workspace", icon: IconCoin, permission: "budgets:read" },
  { path: "usage", group: "workspace", icon: IconReportMoney, permission: "usage:read" },
  { path: "audit", group: "workspace", icon: IconHistory, permission: "audit:read" },
];
