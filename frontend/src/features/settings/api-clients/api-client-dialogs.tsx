import {
  type ApiClient,
  useCreateApiClientMutation,
  useRotateApiClientMutation,
} from "@/api/generated";
import { NewAccessDialog, RotateAccessDialog } from "../access/access-dialogs";
import { MadeClient } from "./made-client";

/** Makes a client. */
export function NewApiClientDialog(props: { isOpen: boolean; onClose: () => void }) {
  const [create, { data, reset }] = useCreateApiClientMutation();
  return (
    <NewAccessDialog
      {...props}
      words="api_clients"
      made={data && ((onDone) => <MadeClient made={data} onDone={onDone} />)}
      reset={reset}
      onCreate={(createApiClient) => create({ createApiClient })}
    />
  );
}

/** Gives a client a new secret; its id stays. */
export function RotateApiClientDialog(props: {
  asked: ApiClient | undefined;
  onClose: () => void;
}) {
  const [rotate, { data, reset }] = useRotateApiClientMutation();
  return (
    <RotateAccessDialog
      {...props}
      words="api_clients"
      made={data && ((onDone) => <MadeClient made={data} onDone={onDone} />)}
      reset={reset}
      onRotate={(clientId, grace_hours) => rotate({ clientId, body: { grace_hours } })}
    />
  );
}
