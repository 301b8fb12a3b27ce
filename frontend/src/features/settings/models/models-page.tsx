import { IconCpu } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Model, useDeleteModelMutation, useListModelsQuery } from "@/api/generated";
import { ListPage } from "../frame/list-page";
import { DeleteDialog } from "../parts/delete-dialog";
import { Loaded } from "../parts/loaded";
import { NothingYet } from "../parts/nothing-yet";
import { DefaultModel } from "./default-model";
import { ModelCard } from "./model-card";
import { ModelDialog } from "./model-dialog";
import styles from "./models.module.css";

/** The models that steps can name: the platform's own and those of the workspace. */
export function ModelsPage() {
  const { t } = useTranslation("settings");
  const [edited, setEdited] = useState<Model | "new">();
  return (
    <ListPage
      title={t("nav.models")}
      words="models"
      see="models:read"
      change="models:manage"
      onNew={() => setEdited("new")}
    >
      {(may) => (
        <>
          <Models may={may} onEdit={setEdited} />
          <ModelDialog edited={edited} onClose={() => setEdited(undefined)} />
        </>
      )}
    </ListPage>
  );
}

function Models({ may, onEdit }: { may: boolean; onEdit: (model: Model | "new") => void }) {
  const query = useListModelsQuery(undefined, { refetchOnMountOrArgChange: true });
  const [asked, setAsked] = useState<Model>();
  const [remove] = useDeleteModelMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <NothingYet words="models" icon={IconCpu} may={may} onNew={() => onEdit("new")} />
          ) : (
            <>
              <DefaultModel models={items} />
              <div className={styles.list}>
                {items.map((model) => (
                  <ModelCard
                    key={model.id ?? model.name}
                    model={model}
                    may={may}
                    onEdit={() => onEdit(model)}
                    onDelete={() => setAsked(model)}
                  />
                ))}
              </div>
            </>
          )
        }
      </Loaded>
      <DeleteDialog
        words="models"
        asked={asked}
        onDelete={({ id }) => remove({ modelId: id ?? "" })}
        onClose={() => setAsked(undefined)}
      />
    </>
  );
}
