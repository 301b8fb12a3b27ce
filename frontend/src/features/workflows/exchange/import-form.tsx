import { Alert, Button, FileButton, Group, Select, Stack, Textarea } from "@mantine/core";
import { IconFileImport, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/shared/lib/problem";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { FORMATS, type Format, formatOf, type Given } from "./format-of";
import { readFiles } from "./read-files";

interface ImportFormProps {
  given: Given;
  problem: Problem | undefined;
  isBusy: boolean;
  onSubmit: (given: Given, format: Format) => void;
  onClose: () => void;
}

/** The text of a workflow and of which program it is; a crew has a second text. */
export function ImportForm({ given, problem, isBusy, onSubmit, onClose }: ImportFormProps) {
  const { t } = useTranslation("workflows");
  const [text, setText] = useState(given);
  const [chosen, setChosen] = useState<Format | null>(null);
  const found = formatOf(text);
  const format = chosen ?? found;
  const isReady = text.source.trim() !== "" && (format !== "crewai" || text.agents.trim() !== "");
  const take = async (files: File[]) => {
    setText(await readFiles(files));
    setChosen(null);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (format && isReady) onSubmit(text, format);
      }}
    >
      <Stack>
        {problem && (
          <Alert color="red" title={problem.title}>
            {problem.detail || problem.errors.map((one) => one.message).join("\n")}
          </Alert>
        )}
        <Group>
          <FileButton multiple accept=".yaml,.yml,.json" onChange={(files) => void take(files)}>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconUpload size={16} />}>
                {t("import.choose")}
              </Button>
            )}
          </FileButton>
          <Select
            aria-label={t("import.format")}
            placeholder={t("import.unknown")}
            data={FORMATS.map((value) => ({ value, label: t(`import.formats.${value}`) }))}
            value={format ?? null}
            onChange={(next) => setChosen(FORMATS.find((one) => one === next) ?? null)}
          />
        </Group>
        <Textarea
          label={t(format === "crewai" ? "import.tasks" : "import.source")}
          description={t("import.text")}
          ff="monospace"
          rows={12}
          spellCheck={false}
          data-autofocus
          value={text.source}
          onChange={(event) => setText({ ...text, source: event.currentTarget.value })}
        />
        {format === "crewai" && (
          <Textarea
            label={t("import.agents")}
            ff="monospace"
            rows={8}
            spellCheck={false}
            value={text.agents}
            onChange={(event) => setText({ ...text, agents: event.currentTarget.value })}
          />
        )}
        <DialogFoot onClose={onClose}>
          <Button
            type="submit"
            leftSection={<IconFileImport size={16} />}
            loading={isBusy}
            disabled={!format || !isReady}
          >
            {t("import.import")}
          </Button>
        </DialogFoot>
      </Stack>
    </form>
  );
}
