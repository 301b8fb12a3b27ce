import { ApprovalsPage } from "@/features/approvals/approvals-page";
import { DataForm } from "@/features/editor/inspector/data-form";

/** The inbox with the builder's forms. */
export default function Approvals() {
  return <ApprovalsPage Form={DataForm} />;
}
