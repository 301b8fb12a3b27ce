import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useForm } from "./form-context";
import { argumentsOf, asMap, isMcp, type KnownTool, missingArguments } from "./known-tools";
import styles from "./tools.module.css";

/** What is known of a chosen tool: whose it is, what it does, what a repeated call does, what it is called with. */
export function ToolCard(props: {
  name: string;
  tool: KnownTool | undefined;
  about: string;
  /** The step itself calls it, and can be given its arguments. */
  isStep: boolean;
  isKnown: boolean;
}) {
  const { t } = useTranslation("editor");
  const { name, tool, about, isStep, isKnown } = props;
  if (!tool) return <UnknownTool name={name} isKnown={isKnown} />;
  const given = argumentsOf(tool.schema);
  return (
    <li className={styles.card} aria-label={name}>
      <span className={styles.optionHead}>
        <code>{name}</code>
        <span className={styles.effect} data-effect={tool.effect}>
          {t(`tools.effects.${tool.effect}`)}
        </span>
      </span>
      <span className={styles.about}>{about || t("tools.no_words")}</span>
      <span className={styles.about}>
        {tool.server ? t("tools.of_server", { server: tool.server }) : t("tools.of_platform")}
        {" · "}
        {t(`tools.effects.${tool.effect}_text`)}
      </span>
      {given.length > 0 && (
        <details className={styles.arguments}>
          <summary>{t("tools.arguments")}</summary>
          <dl>
            {given.map((one) => (
              <div key={one.name}>
                <dt>
                  <code>{one.name}</code>{" "}
                  {[one.type, one.isRequired && t("tools.required")].filter(Boolean).join(", ")}
                </dt>
                {one.description && <dd>{one.description}</dd>}
              </div>
            ))}
          </dl>
        </details>
      )}
      {isStep && <FillButton tool={tool} />}
    </li>
  );
}

/** Nothing is offered when all that is needed stands there. */
function FillButton({ tool }: { tool: KnownTool }) {
  const { t } = useTranslation("editor");
  const { set, step } = useForm();
  const wanted = missingArguments(tool.schema, step?.given);
  if (!step || Object.keys(wanted).length === 0) return null;
  const fill = () => set(`${step.path}.with`, { ...asMap(step.given), ...wanted });
  return (
    <Button size="compact-xs" variant="default" onClick={fill}>
      {t("tools.fill")}
    </Button>
  );
}

function UnknownTool({ name, isKnown }: { name: string; isKnown: boolean }) {
  const { t } = useTranslation("editor");
  // What somebody is still typing, or an expression, is no name; and before servers are known nothing is said.
  if (!isMcp(name) || !isKnown) return null;
  return (
    <li className={styles.card} data-unknown aria-label={name}>
      <span>{t("tools.unknown", { name })}</span>
      <Link to="/settings/mcp">{t("tools.see_servers")}</Link>
    </li>
  );
}
