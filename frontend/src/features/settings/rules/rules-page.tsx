import { useTranslation } from "react-i18next";
import { useGetRulesQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { Page } from "@/shared/ui/page";
import { Loaded } from "../parts/loaded";
import { NotAllowed } from "../parts/not-allowed";
import { RulesEditor } from "./rules-editor";

/** What runs may never do, may do after somebody agreed, or may do up to a limit. */
export function RulesPage() {
  const { t } = useTranslation("settings");
  const maySee = useMay("rules:read");
  return (
    <Page title={t("nav.rules")} text={t("rules.text")}>
      {maySee ? <Rules /> : <NotAllowed />}
    </Page>
  );
}

function Rules() {
  const query = useGetRulesQuery(undefined, { refetchOnMountOrArgChange: true });
  return <Loaded query={query}>{(rules) => <RulesEditor loaded={rules} />}</Loaded>;
}
