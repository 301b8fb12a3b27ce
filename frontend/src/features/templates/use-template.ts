/** Makes a workflow of a template; `use` opens it in the builder. */
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type TemplateDocument, useCreateWorkflowMutation } from "@/api/generated";
import { withFreeName } from "@/domain/document/free-name";
import { isProblem } from "@/shared/lib/problem";

const NAME_TAKEN = "/problems/workflow-name-taken";

export function useTemplate() {
  const { t } = useTranslation("templates");
  const navigate = useNavigate();
  const [create, { isLoading }] = useCreateWorkflowMutation();
  /** Answers the id of what was made; a refusal has been told. */
  const make = async ({ id, source, tests }: TemplateDocument) => {
    let made = await create({ saveWorkflow: { source, tests } });
    // It was used before: the next one stands beside the first.
    if (isProblem(made.error) && made.error.type === NAME_TAKEN)
      made = await create({ saveWorkflow: { source: withFreeName(source, id), tests } });
    if (made.data) return made.data.id;
    const problem = isProblem(made.error) ? made.error : undefined;
    notifications.show({
      color: "red",
      title: t("not_created"),
      message: problem?.detail || problem?.title || "",
    });
    return undefined;
  };
  const use = async (template: TemplateDocument) => {
    const id = await make(template);
    if (id) await navigate(`/workflows/${id}`);
  };
  return { use, make, isMaking: isLoading };
}
