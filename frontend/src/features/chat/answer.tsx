import { Button } from "@mantine/core";
import { IconAlertTriangle, IconClock, IconPlayerStop } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Message, useStopAnswerMutation } from "@/api/generated";
import { late } from "@/shared/lib/late";
import { LateMarkdown } from "@/shared/ui/late-markdown";
import styles from "./chat.module.css";
import { Citations } from "./citations";

// The socket and what reads events: needed only while something is being said.
const LiveAnswer = late(() => import("./live-answer"));
const PastTools = late(() => import("./past-tools"));

/** What was answered, or is being answered now; what was stopped keeps what it had said. */
export function Answer(props: { conversationId: string; message: Message; onEnded: () => void }) {
  const { t } = useTranslation("chat");
  const { conversationId, message, onEnded } = props;
  const { error, id: messageId, model, run_id: runId, status, text } = message;
  const [stop, stopping] = useStopAnswerMutation();
  const isOpen = status === "running" || status === "queued";
  return (
    <div className={styles.answer}>
      {status === "running" && runId ? (
        <Suspense fallback={<p className={styles.quiet}>{t("thinking")}</p>}>
          <LiveAnswer runId={runId} onEnded={onEnded} />
        </Suspense>
      ) : (
        text && <LateMarkdown text={text} />
      )}
      {status === "queued" && (
        <p className={styles.quiet}>
          <IconClock size={14} aria-hidden /> {t("queued")}
        </p>
      )}
      {status === "stopped" && <p className={styles.quiet}>{t("stopped")}</p>}
      {status === "failed" && (
        <p className={styles.failed} role="alert">
          <IconAlertTriangle size={15} aria-hidden /> {error?.message || t("failed")}
        </p>
      )}
      <Citations citations={message.citations} />
      {runId && !isOpen && <Tools runId={runId} />}
      <p className={styles.facts}>
        {runId && <Link to={`/runs/${runId}`}>{t("open_run")}</Link>}
        {model && <span>{model}</span>}
        {isOpen && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlayerStop size={13} />}
            loading={stopping.isLoading}
            onClick={() => void stop({ conversationId, messageId })}
          >
            {t("stop")}
          </Button>
        )}
      </p>
    </div>
  );
}

/** What an answer has called is read when somebody wants to see it. */
function Tools({ runId }: { runId: string }) {
  const { t } = useTranslation("chat");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className={styles.citations} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{t("tools")}</summary>
      {isOpen && (
        <Suspense fallback={<p className={styles.quiet}>{t("reading_tools")}</p>}>
          <PastTools runId={runId} />
        </Suspense>
      )}
    </details>
  );
}
