import { TextInput, VisuallyHidden } from "@mantine/core";
import { IconLock, IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { useMay } from "@/api/use-may";
import styles from "./frame.module.css";
import { SETTINGS_PLACES, type SettingsPlace } from "./places";

/** All settings: a navigation that can be searched, and beside it the page of the URL. */
export function SettingsFrame() {
  const { t } = useTranslation("settings");
  const side = useCurrentInView();
  return (
    <div className={styles.frame}>
      <nav ref={side} className={styles.side} aria-label={t("title")}>
        <SideNavigation />
      </nav>
      <div className={styles.page}>
        <Outlet />
      </div>
    </div>
  );
}

/** Where the places are one line that scrolls, the one of the page is brought into view. */
function useCurrentInView() {
  const side = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page has another current place
  useEffect(() => {
    const current = side.current?.querySelector('[aria-current="page"]');
    current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return side;
}

function SideNavigation() {
  const { t } = useTranslation("settings");
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const found = SETTINGS_PLACES.filter(({ path }) =>
    isMatch(`${t(`nav.${path}`)} ${t(`words.${path}`)}`, search),
  );
  const first = found[0];
  return (
    <>
      <TextInput
        aria-label={t("search")}
        placeholder={t("search")}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && first) void navigate(`/settings/${first.path}`);
          if (event.key === "Escape") setSearch("");
        }}
      />
      {found.length === 0 && <p className={styles.nothing}>{t("nothing_found", { search })}</p>}
      {(["own", "workspace"] as const).map((group) => (
        <Group
          key={group}
          title={t(`groups.${group}`)}
          places={found.filter((place) => place.group === group)}
        />
      ))}
    </>
  );
}

function Group({ title, places }: { title: string; places: SettingsPlace[] }) {
  if (places.length === 0) return null;
  return (
    <section className={styles.group} aria-label={title}>
      <span className={styles.groupTitle} aria-hidden>
        {title}
      </span>
      {places.map((place) => (
        <PlaceLink key={place.path} {...place} />
      ))}
    </section>
  );
}

function PlaceLink({ path, icon: Icon, permission }: SettingsPlace) {
  const { t } = useTranslation("settings");
  const may = useMay(permission ?? "");
  const isClosed = permission !== undefined && !may;
  return (
    <NavLink
      to={`/settings/${path}`}
      className={styles.place}
      title={isClosed ? t("closed") : undefined}
    >
      <Icon size={17} stroke={1.7} />
      <span>{t(`nav.${path}`)}</span>
      {isClosed && (
        <>
          <IconLock size={13} className={styles.lock} />
          <VisuallyHidden>({t("closed")})</VisuallyHidden>
        </>
      )}
    </NavLink>
  );
}

function isMatch(text: string, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/);
  return words.every((word) => text.toLowerCase().includes(word));
}
