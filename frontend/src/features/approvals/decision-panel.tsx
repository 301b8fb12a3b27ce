import { Alert, Button, Kbd, Tooltip } from "@mantine/core";
import { type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { type Approval, useDecideApprovalMutation, useListApprovalsQuery } from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import { isProblem } from "@/shared/lib/problem";
import styles from "./approvals.module.css";
import { Composer, type FormOfData } from "./composer";
import { REFUSALS } from "./decisions";
import { outcomeOf } from "./outcome";
import { MINE } from "./use-inbox";
import { INBOX_KEYS, type InboxKeys, inboxKeys, isInboxKey, useInboxKeys } from "./use-inbox-keys";

interface PanelProps {
  item: Approval;
  box: RefObject<HTMLDivElement | null>;
  Form: FormOfData;
  /** It is decided: the item stays in view though it leaves the list. */
  onSend: () => void;
  /** Among other things on a page: no letter is meant for it. */
  isInline?: boolean;
  /** The composer went: the focus needs a place. */
  onClosed: () => void;
}

/** The decisions that the item allows; each is confirmed, with its form and a comment. */
export function DecisionPanel(props: PanelProps) {
  const { item, box, Form, onSend, onClosed, isInline = false } = props;
  const [choice, setChoice] = useState<string | null>(null);
  const [decide, { error, isLoading, reset }] = useDecideApprovalMutation();
  const reason = useReason(item);
  const isOpen = item.status === "open";
  const mayChoose = isOpen && reason === null;
  const choose = (decision: string) => {
    if (!mayChoose || !item.allow.includes(decision)) return;
    reset();
    setChoice(decision);
  };
  useInboxKeys(box, {
    approve: () => choose("approve"),
    edit: () => choose("edit"),
    reject: () => choose("reject"),
  });
  const close = () => {
    setChoice(null);
    onClosed();
  };
  const problem = isProblem(error) ? error : undefined;
  const wasFirst = problem?.status === 409;
  if (!isOpen) return wasFirst ? <TooLate item={item} /> : null;
  return (
    <div className={styles.panel}>
      {problem && (
        <Alert color="red" title={problem.title} role="alert">
          {problem.detail}
        </Alert>
      )}
      {choice === null ? (
        <Choices item={item} reason={reason} isInline={isInline} onChoose={choose} />
      ) : (
        <Composer
          key={choice}
          item={item}
          choice={choice}
          errors={problem?.errors ?? []}
          isSending={isLoading}
          Form={Form}
          onCancel={close}
          onSend={async (body) => {
            onSend();
            const done = await decide({ approvalId: item.id, decisionBody: body });
            if (!done.error || (isProblem(done.error) && done.error.status === 409)) close();
          }}
        />
      )}
    </div>
  );
}

function TooLate({ item }: { item: Approval }) {
  const { t } = useTranslation("approvals");
  return (
    <Alert color="orange" title={t("too_late")} role="alert">
      {outcomeOf(item, t)}
    </Alert>
  );
}

const allKeys = () =>
  Object.fromEntries(
    (Object.keys(INBOX_KEYS) as (keyof InboxKeys)[]).map((one) => [one, inboxKeys(one)]),
  );

function Choices(props: {
  item: Approval;
  reason: string | null;
  isInline: boolean;
  onChoose: (decision: string) => void;
}) {
  const { t } = useTranslation("approvals");
  const { item, reason, isInline, onChoose } = props;
  return (
    <>
      <div className={styles.choices}>
        {item.allow.map((decision, position) => (
          <Tooltip key={decision} label={reason} disabled={reason === null}>
            <Button
              color={REFUSALS.has(decision) ? "red" : undefined}
              variant={position === 0 ? "filled" : REFUSALS.has(decision) ? "light" : "default"}
              disabled={reason !== null}
              rightSection={
                !isInline && isInboxKey(decision) && <Kbd size="xs">{inboxKeys(decision)}</Kbd>
              }
              onClick={() => onChoose(decision)}
            >
              {t(`decisions.${decision}`)}
            </Button>
          </Tooltip>
        ))}
      </div>
      <p className={styles.quiet}>{reason ?? (isInline ? "" : t("keys", allKeys()))}</p>
    </>
  );
}

/** Why this person may not decide, in words; the server has the last word. */
function useReason(item: Approval): string | null {
  const { t } = useTranslation("approvals");
  const { me } = useSelector(selectSession);
  const mine = useListApprovalsQuery(MINE);
  const isKnown = mine.data?.items.some((one) => one.id === item.id);
  const { refetch } = mine;
  const isRead = mine.data !== undefined;
  // What was asked after the list was read is not in it yet.
  useEffect(() => {
    if (isRead && isKnown === false) void refetch();
  }, [isRead, isKnown, refetch]);
  if (!me?.permissions.includes("approvals:decide")) return t("may_not");
  const isAsked = !mine.data || mine.isFetching || mine.data.next_cursor !== null || isKnown;
  return isAsked ? null : t("not_asked");
}
