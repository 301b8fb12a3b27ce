import type { ReactNode } from "react";
import type { JsonObject, JsonValue } from "@/domain/expressions/values";
import { fieldsOf } from "./field-schema";
import { type FormContext, FormProvider } from "./form-context";
import { FormField } from "./form-field";

/** One field of a step's form, drawn by what its schema says. */
export default { title: "Editor/Form field" };

const nothing = () => undefined;
const FORM: FormContext = {
  set: nothing,
  remove: nothing,
  problemAt: nothing,
  suggestions: { agent: ["research", "qa"], step_ids: ["facts", "brief"] },
};

function Drawn(props: {
  schema: JsonObject;
  value?: JsonValue;
  form?: Partial<FormContext>;
}): ReactNode {
  const [field] = fieldsOf({ properties: { it: { title: "Field", ...props.schema } } });
  if (!field) return null;
  return (
    <FormProvider value={{ ...FORM, ...props.form }}>
      <FormField field={field} path="steps.a.it" value={props.value} />
    </FormProvider>
  );
}

const text = { type: "string", description: "What the agent is asked." };
const prompt = { ...text, "x-ui": { widget: "textarea", template: true } };

export const Text = () => <Drawn schema={text} value="Night buses" />;
export const Empty = () => <Drawn schema={{ ...text, examples: ["Night buses"] }} />;
export const WithAProblem = () => (
  <Drawn schema={text} form={{ problemAt: () => ({ message: "There is no step “fact”." }) }} />
);
export const LongText = () => <Drawn schema={prompt} value={"Find facts.\nWrite them down."} />;
export const ExpressionWithData = () => (
  <Drawn
    schema={prompt}
    value="About ${inputs.topic}"
    form={{ scope: { inputs: { topic: "trams" } } }}
  />
);
export const ExpressionThatFails = () => (
  <Drawn schema={prompt} value="About ${inputs.nothing.at}" form={{ scope: { inputs: {} } }} />
);
export const Choice = () => <Drawn schema={{ type: "string", enum: ["all", "any"] }} value="any" />;
export const Numeral = () => <Drawn schema={{ type: "integer", default: 3 }} value={5} />;
export const OnOrOff = () => <Drawn schema={{ type: "boolean" }} value />;
export const Suggested = () => (
  <Drawn schema={{ type: "string", "x-ui": { widget: "agent" } }} value="research" />
);
export const Steps = () => (
  <Drawn schema={{ type: "array", "x-ui": { widget: "step_ids" } }} value={["facts"]} />
);
export const List = () => (
  <Drawn schema={{ type: "array", items: { type: "string" } }} value={["one", "two"]} />
);
export const Yaml = () => (
  <Drawn schema={{ "x-ui": { widget: "mapping" } }} value={{ topic: "trams", top: 3 }} />
);
export const Group = () => (
  <Drawn
    schema={{ type: "object", properties: { max: { type: "integer", title: "At most" } } }}
    value={{ max: 3 }}
  />
);
export const Variants = () => (
  <Drawn
    schema={{
      oneOf: [
        { title: "Over a list", required: ["over"], properties: { over: { type: "string" } } },
        { title: "Until", required: ["until"], properties: { until: { type: "string" } } },
      ],
    }}
    value={{ until: "done" }}
  />
);
