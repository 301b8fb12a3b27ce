import { FormProvider } from "./form-context";
import { type KnownTool, ofPlatform } from "./known-tools";
import { ToolCard } from "./tool-card";

/** What is known of a chosen tool. */
export default { title: "Editor/Tool card" };

const MAIL: KnownTool = {
  name: "mcp/crm.send_mail",
  server: "crm",
  description: "",
  effect: "once",
  schema: {
    required: ["to"],
    properties: {
      to: { type: "string", description: "E-mail address." },
      note: { type: "string" },
    },
  },
};
const form = { set: () => undefined, remove: () => undefined, problemAt: () => undefined };

function Drawn(props: { name: string; tool?: KnownTool; about?: string; isStep?: boolean }) {
  const { name, tool, about = "", isStep = false } = props;
  return (
    <FormProvider value={{ ...form, suggestions: {}, step: { path: "steps.a", given: {} } }}>
      <ul>
        <ToolCard name={name} tool={tool} about={about} isStep={isStep} isKnown />
      </ul>
    </FormProvider>
  );
}

export const OfThePlatform = () => (
  <Drawn name="web.fetch" tool={ofPlatform("web.fetch")} about="Reads a public web page as text." />
);
export const OfAServer = () => (
  <Drawn name={MAIL.name} tool={MAIL} about="Sends a letter to a customer." />
);
export const ThatTheStepCalls = () => (
  <Drawn name={MAIL.name} tool={MAIL} about="Sends a letter to a customer." isStep />
);
export const WithoutADescription = () => <Drawn name={MAIL.name} tool={MAIL} />;
export const NotAgreedTo = () => <Drawn name="mcp/crm.delete_all" />;
