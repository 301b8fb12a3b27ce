import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconBrain, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Message, useListModelsQuery, useRegenerateAnswerMutation } from "@/api/generated";
import { tellFailure } from "@/shared/lib/tell";

interface RegenerateProps {
  conversationId: string;
  message: Message;
  onChoose: (id: string) => void;
}

/** Asks for another answer beside one that was given, of the same model or of another. */
export function Regenerate({ conversationId, message, onChoose }: RegenerateProps) {
  const { t } = useTranslation("chat");
  const [regenerate, { isLoading }] = useRegenerateAnswerMutation();
  const again = async (model?: string) => {
    const body = model ? { model } : null;
    const answer = await regenerate({ conversationId, messageId: message.id, body });
    if (answer.data) onChoose(answer.data.answer.id);
    else await tellFailure(answer.error, t("not_regenerated"));
  };
  return (
    <>
      <Tooltip label={t("regenerate")}>
        <ActionIcon aria-label={t("regenerate")} loading={isLoading} onClick={() => void again()}>
          <IconRefresh size={15} />
        </ActionIcon>
      </Tooltip>
      <OtherModels isBusy={isLoading} onChoose={(model) => void again(model)} />
    </>
  );
}

function OtherModels(props: { isBusy: boolean; onChoose: (model: string) => void }) {
  const { t } = useTranslation("chat");
  const [isOpen, setIsOpen] = useState(false);
  // Nobody may want one: they are asked for when the menu is.
  const { data, error } = useListModelsQuery(undefined, { skip: !isOpen });
  return (
    <Menu
      opened={isOpen}
      onChange={setIsOpen}
      position="top-start"
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <ActionIcon aria-label={t("other_model")} disabled={props.isBusy}>
          <IconBrain size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t(error ? "no_models" : "other_model")}</Menu.Label>
        {(data?.items ?? []).map(({ name }) => (
          <Menu.Item key={name} onClick={() => props.onChoose(name)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
