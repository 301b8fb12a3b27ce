import { Button } from "@mantine/core";
import { IconArrowDown, IconBrain, IconMessage, IconTool } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { isFinished, type StepView } from "@/domain/runs/run-view";
import { CHANNELS, type Channel, type TextStore } from "@/realtime/text-store";
import styles from "./run.module.css";
import { useChannelText } from "./use-channel-text";
import { useFollowing } from "./use-following";

const ICONS = { thinking: IconBrain, tools: IconTool, answer: IconMessage };

/** What a step says, in its channels, as it says it. Scrolling up stops the following, a button resumes it. */
export function StepStream({ texts, step }: { texts: TextStore; step: StepView }) {
  const { t } = useTranslation("runs");
  const said = useSaid(texts, step.path);
  const length = said.reduce((sum, { text }) => sum + text.length, 0);
  const { box, isFollowing, follow, onScroll } = useFollowing(length);
  return (
    <div
      className={styles.stream}
      ref={box}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too
      tabIndex={0}
      role="log"
      aria-label={t("tabs.stream")}
      aria-live="off"
    >
      {step.error && (
        <section className={styles.error} role="alert">
          <h3>{step.error.code}</h3>
          <p>{step.error.message}</p>
        </section>
      )}
      {said.length === 0 && (
        <p className={styles.quiet}>
          {t(isFinished(step.status) ? "said_nothing" : "says_nothing_yet")}
        </p>
      )}
      {said.map(({ channel, text }) => (
        <ChannelText key={channel} channel={channel} text={text} />
      ))}
      {!isFollowing && (
        <Button
          className={styles.follow ?? ""}
          size="compact-sm"
          leftSection={<IconArrowDown size={14} />}
          onClick={follow}
        >
          {t("follow")}
        </Button>
      )}
    </div>
  );
}

function useSaid(texts: TextStore, path: string): { channel: Channel; text: string }[] {
  const thinking = useChannelText(texts, path, "thinking");
  const tools = useChannelText(texts, path, "tools");
  const answer = useChannelText(texts, path, "answer");
  const all = { thinking, tools, answer };
  return CHANNELS.map((channel) => ({ channel, text: all[channel] })).filter(
    ({ text }) => text !== "",
  );
}

function ChannelText({ channel, text }: { channel: Channel; text: string }) {
  const { t } = useTranslation("runs");
  const Icon = ICONS[channel];
  return (
    <section className={styles.channel} data-channel={channel}>
      <h3>
        <Icon size={14} /> {t(`channels.${channel}`)}
      </h3>
      <div className={styles.text} data-text>
        {text}
      </div>
    </section>
  );
}
