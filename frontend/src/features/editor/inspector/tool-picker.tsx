import { Autocomplete, type ComboboxParsedItem, TagsInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isMcp, type KnownTool, ofPlatform } from "./known-tools";
import { ToolCard } from "./tool-card";
import styles from "./tools.module.css";
import { useMcpTools } from "./use-mcp-tools";

interface Props {
  /** One tool that the step calls, or those that its agent may use. */
  isList: boolean;
  names: string[];
  /** Those of the platform that fit. */
  offered: readonly string[];
  /** What else the input is told, such as its label. */
  shared: object;
  put: (next: string | string[]) => void;
}

/** Chooses tools by what they do; below, what is chosen with its effect and its arguments. */
export default function ToolPicker({ isList, names, offered, shared, put }: Props) {
  const { t } = useTranslation("editor");
  const { tools, isKnown } = useMcpTools();
  const known = [...offered.filter((name) => !isMcp(name)).map(ofPlatform), ...tools];
  const byName = new Map(known.map((tool) => [tool.name, tool]));
  const about = (tool: KnownTool) => tool.description || t(`tools.about.${tool.name}`, "");
  const list = {
    ...shared,
    data: known.map(({ name }) => name),
    maxDropdownHeight: 320,
    // A name that was chosen is no search: the others are offered beside it.
    filter: ({ options, search }: { options: ComboboxParsedItem[]; search: string }) =>
      options.filter((option) => {
        const tool = "value" in option ? byName.get(option.value) : undefined;
        return byName.has(search) || (tool && isMatch(`${tool.name} ${about(tool)}`, search));
      }),
    renderOption: ({ option }: { option: { value: string } }) => {
      const tool = byName.get(option.value);
      return tool ? <ToolOption tool={tool} about={about(tool)} /> : option.value;
    },
  };
  return (
    <div>
      {isList ? (
        <TagsInput {...list} value={names} onChange={put} />
      ) : (
        <Autocomplete {...list} value={names[0] ?? ""} onChange={put} />
      )}
      {names.length > 0 && (
        <ul className={styles.cards} aria-label={t("tools.chosen")}>
          {names.map((name) => (
            <ToolCard
              key={name}
              name={name}
              tool={byName.get(name)}
              about={about(byName.get(name) ?? ofPlatform(name))}
              isStep={!isList}
              isKnown={isKnown}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function ToolOption({ tool, about }: { tool: KnownTool; about: string }) {
  const { t } = useTranslation("editor");
  return (
    <span className={styles.option}>
      <span className={styles.optionHead}>
        <code>{tool.name}</code>
        <span className={styles.effect} data-effect={tool.effect}>
          {t(`tools.effects.${tool.effect}`)}
        </span>
      </span>
      <span className={styles.about}>{about}</span>
    </span>
  );
}

function isMatch(text: string, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/);
  return words.every((word) => text.toLowerCase().includes(word));
}
