import { Button, Stack, Textarea } from "@mantine/core";
import { type ComponentType, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Approval, DecisionBody } from "@/api/generated";
import { isMap, type JsonObject, type JsonValue } from "@/domain/expressions/values";
import type { FieldProblem } from "@/shared/lib/problem";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import styles from "./approvals.module.css";
import { questionOf, REFUSALS } from "./decisions";

/** Draws data by its schema; the route brings it, as it belongs to another feature. */
export type FormOfData = ComponentType<{
  name: string;
  title: string;
  schema: JsonObject | null;
  value: JsonValue;
  errors: FieldProblem[];
  onChange: (value: JsonValue) => void;
}>;

interface ComposerProps {
  item: Approval;
  choice: string;
  errors: FieldProblem[];
  isSending: boolean;
  Form: FormOfData;
  onCancel: () => void;
  onSend: (body: DecisionBody) => Promise<void>;
}

/** What belongs to a decision before it is sent: the data it changes, and a comment. */
export function Composer(props: ComposerProps) {
  const { item, choice, errors, isSending, Form, onCancel, onSend } = props;
  const { t } = useTranslation("approvals");
  const question = useMemo(() => questionOf(item, choice, t), [item, choice, t]);
  const [data, setData] = useState<JsonValue>(question?.start ?? null);
  const latest = useRef(data);
  const change = useCallback((next: JsonValue) => {
    latest.current = next;
    setData(next);
  }, []);
  const [comment, setComment] = useState("");
  const box = useFirstFocus(choice);
  const send = async (event: React.FormEvent) => {
    event.preventDefault();
    // A field keeps what is being typed until it is left.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    const isSaid = question && !(question.isOptional && isEmpty(latest.current));
    const said = isSaid ? { data: latest.current } : {};
    await onSend({ decision: choice, comment: comment.trim() || null, ...said });
  };
  return (
    <form
      ref={box}
      className={styles.composer}
      onSubmit={send}
      aria-label={t(`decisions.${choice}`)}
    >
      <Stack>
        {question && (
          <div data-form>
            <Form
              name="data"
              title={t("data")}
              schema={question.schema}
              value={data}
              errors={errors}
              onChange={change}
            />
          </div>
        )}
        <Textarea
          label={t("comment")}
          description={t("comment_text")}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={5_000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send(event);
          }}
        />
        <DialogFoot onClose={onCancel}>
          <Button
            type="submit"
            data-send
            loading={isSending}
            color={REFUSALS.has(choice) ? "red" : undefined}
          >
            {t(`confirm.${choice}`)}
          </Button>
        </DialogFoot>
      </Stack>
    </form>
  );
}

/** The focus goes where the decision needs it: to the form, to the reason of a refusal, else to the button. */
function useFirstFocus(choice: string) {
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const wanted = REFUSALS.has(choice)
      ? "textarea"
      : "[data-form] :is(input, textarea), [data-send]";
    box.current?.querySelector<HTMLElement>(wanted)?.focus();
  }, [choice]);
  return box;
}

function isEmpty(data: JsonValue): boolean {
  return data === null || (isMap(data) && Object.keys(data).length === 0);
}
