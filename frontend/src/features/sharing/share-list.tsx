import { ActionIcon, Select } from "@mantine/core";
import { IconTrash, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Share } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { useReaches } from "./reaches";
import styles from "./sharing.module.css";
import { keyOf } from "./use-people";

interface ShareListProps {
  shares: Share[];
  nameOf: (share: Share) => string;
  mayChange: boolean;
  onChange: (shares: Share[]) => void;
}

/** Each with whom a workflow is shared, and how far. */
export function ShareList({ shares, nameOf, mayChange, onChange }: ShareListProps) {
  const { t } = useTranslation("sharing");
  if (shares.length === 0) {
    return (
      <EmptyState icon={IconUsers} title={t("empty")}>
        {t("empty_text")}
      </EmptyState>
    );
  }
  return (
    <ul className={styles.list} aria-label={t("list")}>
      {shares.map((share) => (
        <ShareRow
          key={keyOf(share)}
          share={share}
          name={nameOf(share)}
          mayChange={mayChange}
          onReach={(reach) =>
            onChange(shares.map((one) => (one === share ? { ...share, reach } : one)))
          }
          onRemove={() => onChange(shares.filter((one) => one !== share))}
        />
      ))}
    </ul>
  );
}

function ShareRow(props: {
  share: Share;
  name: string;
  mayChange: boolean;
  onReach: (reach: Share["reach"]) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("sharing");
  const { options, asReach } = useReaches();
  const { share, name, mayChange } = props;
  return (
    <li className={styles.row}>
      <span className={styles.name}>{name}</span>
      <Select
        className={styles.reach}
        aria-label={t("reach_of", { name })}
        allowDeselect={false}
        disabled={!mayChange}
        data={options}
        value={share.reach}
        onChange={(value) => props.onReach(asReach(value))}
      />
      {mayChange && (
        <ActionIcon size="lg" aria-label={t("remove", { name })} onClick={props.onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </li>
  );
}
