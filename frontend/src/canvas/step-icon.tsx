import {
  IconArrowsSplit2,
  IconBroadcast,
  IconClockPause,
  IconCode,
  IconPlayerStop,
  IconPuzzle,
  IconRepeat,
  IconRobot,
  IconSitemap,
  IconSparkles,
  IconTool,
  IconTransform,
  IconUserCheck,
  IconWorldWww,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

type Icon = ComponentType<{ size?: number; stroke?: number }>;

/** Icons by the names that the catalogue uses; one that is not here is drawn as a piece of a puzzle. */
const ICONS: Record<string, Icon> = {
  robot: IconRobot,
  sparkles: IconSparkles,
  tool: IconTool,
  "world-www": IconWorldWww,
  transform: IconTransform,
  code: IconCode,
  "arrows-split-2": IconArrowsSplit2,
  repeat: IconRepeat,
  "user-check": IconUserCheck,
  "clock-pause": IconClockPause,
  sitemap: IconSitemap,
  broadcast: IconBroadcast,
  "player-stop": IconPlayerStop,
};

export function StepIcon({ name, size = 18 }: { name: string; size?: number }) {
  const Drawn = ICONS[name] ?? IconPuzzle;
  return <Drawn size={size} stroke={1.8} />;
}
