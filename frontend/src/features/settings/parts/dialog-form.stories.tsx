import { TextInput } from "@mantine/core";
import { DialogForm } from "./dialog-form";

/** The inside of a dialog: fields and two buttons. */
export default { title: "Settings/Dialog form" };

const submit = async () => ({});
const close = () => undefined;

export const Ready = () => (
  <DialogForm action="Save" onSubmit={submit} onClose={close}>
    <TextInput label="Name" />
  </DialogForm>
);

export const NotReady = () => (
  <DialogForm action="Save" onSubmit={submit} onClose={close} isReady={false}>
    <TextInput label="Name" />
  </DialogForm>
);

export const Dangerous = () => (
  <DialogForm action="Delete" onSubmit={submit} onClose={close} isDangerous>
    <p>This cannot be taken back.</p>
  </DialogForm>
);
