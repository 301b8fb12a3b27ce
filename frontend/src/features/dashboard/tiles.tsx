import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Overview } from "@/api/generated";
import { percent } from "@/shared/lib/format";
import styles from "./dashboard.module.css";
import { type Tile, tilesOf } from "./figures";

/** What waits and runs now, then the figures of the window; each opens the list behind it. */
export function Tiles({ overview }: { overview: Overview }) {
  const { t } = useTranslation("dashboard");
  const { queued, running, waiting } = overview.in_progress;
  return (
    <ul className={styles.tiles} aria-label={t("figures")}>
      <NowTile
        name={t("tiles.approvals")}
        value={overview.approvals_waiting}
        text={t("tiles.approvals_text")}
        to="/approvals?show=open"
        isUrgent={overview.approvals_waiting > 0}
      />
      <NowTile
        name={t("tiles.running")}
        value={running}
        text={t("tiles.running_text", { queued, waiting })}
        to="/runs?status=running"
        isUrgent={false}
      />
      {tilesOf(overview).map((tile) => (
        <FigureTile key={tile.name} tile={tile} />
      ))}
    </ul>
  );
}

function NowTile(props: {
  name: string;
  value: number;
  text: string;
  to: string;
  isUrgent: boolean;
}) {
  const { name, value, text, to, isUrgent } = props;
  return (
    <li className={styles.tile} data-urgent={isUrgent || undefined}>
      <Link to={to}>{name}</Link>
      <strong>{value}</strong>
      <span className={styles.quiet}>{text}</span>
    </li>
  );
}

function FigureTile({ tile }: { tile: Tile }) {
  const { t } = useTranslation("dashboard");
  return (
    <li className={styles.tile}>
      <Link to={tile.to}>{t(`tiles.${tile.name}`)}</Link>
      <strong>{tile.value}</strong>
      <Change change={tile.change} better={tile.better} />
    </li>
  );
}

/** How a figure moved: arrow and words, and a colour where one way is good news. */
function Change({ change, better }: Pick<Tile, "change" | "better">) {
  const { t } = useTranslation("dashboard");
  if (change === null) return <span className={styles.quiet}>{t("change.none")}</span>;
  const way = change > 0 ? "more" : change < 0 ? "less" : "same";
  const Icon = { more: IconArrowUpRight, less: IconArrowDownRight, same: IconArrowRight }[way];
  const news = better === null || way === "same" ? "none" : way === better ? "good" : "bad";
  return (
    <span className={styles.change} data-news={news}>
      <Icon size={14} aria-hidden />
      {t(`change.${way}`, { by: percent(Math.abs(change)) })}
    </span>
  );
}
